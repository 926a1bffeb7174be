//! One client for OBS Studio over both of its WebSocket protocols, v4 and v5.
//!
//! Still without content: the place is kept so that the layers stand. It will know nothing of scoring.
#![forbid(unsafe_code)]
#![warn(missing_docs)]
