//! The store through its public API.

use pss_store::{Store, StoreConfig};

// The same file that the feature `testing` gives to other crates.
#[expect(unreachable_pub, reason = "public in the crate, private here")]
#[path = "../../src/testing.rs"]
mod testing;

mod archive; // sessions in one file, and into another database
mod backup; // copies, verified and restored
mod changes; // who learns of what, and what is held in memory until then
mod corpus; // real captures, through the pipeline and back
mod courses; // matches with their events, as a stream
#[cfg(target_os = "linux")]
mod disk; // a full disk
mod export; // rows for other programs
mod flags; // which flag a code gets
mod kill; // a writer that is killed
mod match_log; // the logs of the scoring system beside what UDP gave
mod open; // files that are no database of ours, or cannot be written
mod people; // challenges, injuries, athletes, tournaments
mod prune; // old sessions that go
mod query; // one query for everything
mod refill; // gaps, and filling them up from a journal
mod reprocess; // a session read again with the parser and the rules of today
mod rules; // rules in the table: seeded, edited, refused, compiled
mod schema_page; // docs/SCHEMA.md
mod script; // a feed written by hand: what becomes of each kind of thing
mod sessions; // identities, repeated replays
mod settings; // typed values, their history, export and import
mod slow; // statements that took long
mod status; // how far messages were understood, what nobody knows, what is counted
mod support; // feeds and helpers
mod trouble; // locks, overflow, refusals: what degrades and how it recovers
