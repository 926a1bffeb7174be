//! A ring: its name, its socket and its sender.

use std::{
    net::{IpAddr, Ipv4Addr, SocketAddr},
    str::FromStr,
};

use super::ConfigError;

/// One ring.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct RingConfig {
    /// Tells rings apart in the feed, in file names and in the database.
    pub name: String,
    /// Where its datagrams arrive; port 0 asks for a free one.
    pub listen: SocketAddr,
    /// Who speaks on it. Without it the first that speaks is the sender.
    pub sender: Option<SenderConfig>,
}

/// The sender of a ring.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct SenderConfig {
    /// Only this address is heard.
    pub address: IpAddr,
    /// Where it takes requests for its last messages, if it does.
    pub requests: Option<u16>,
}

impl Default for RingConfig {
    fn default() -> Self {
        Self { name: "1".to_owned(), listen: SocketAddr::from((Ipv4Addr::UNSPECIFIED, 6000)), sender: None }
    }
}

impl RingConfig {
    /// From the parts of a `[[ring]]` section.
    pub(super) fn from_parts(name: &str, listen: &str, sender: Option<&str>) -> Result<Self, ConfigError> {
        let listen = listen.parse().map_err(|_| ConfigError::Value {
            setting: "ring.listen",
            value: listen.to_owned(),
            expected: "an address and port like 0.0.0.0:6000",
        })?;
        let sender = sender.map(SenderConfig::from_str).transpose()?;
        Ok(Self { name: checked_name(name)?, listen, sender })
    }
}

/// `NAME=UDPADDR[,SENDER[:PORT]]`, as on the command line.
impl FromStr for RingConfig {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        let (name, rest) = text.split_once('=').ok_or_else(|| ConfigError::Value {
            setting: "--ring",
            value: text.to_owned(),
            expected: "NAME=UDPADDR[,SENDER:PORT], like 1=0.0.0.0:6000",
        })?;
        let (listen, sender) =
            rest.split_once(',').map_or((rest, None), |(listen, sender)| (listen, Some(sender)));
        Self::from_parts(name, listen, sender)
    }
}

/// `192.168.1.5:9995`, or the address alone when it takes no requests.
impl FromStr for SenderConfig {
    type Err = ConfigError;

    fn from_str(text: &str) -> Result<Self, ConfigError> {
        if let Ok(address) = text.parse() {
            return Ok(Self { address, requests: None });
        }
        let socket: SocketAddr = text.parse().map_err(|_| ConfigError::Value {
            setting: "ring.sender",
            value: text.to_owned(),
            expected: "an address like 192.168.1.5, or with the port that answers requests, 192.168.1.5:9995",
        })?;
        if socket.port() == 0 {
            return Err(ConfigError::Value {
                setting: "ring.sender",
                value: text.to_owned(),
                expected: "a sender: its port must not be 0",
            });
        }
        Ok(Self { address: socket.ip(), requests: Some(socket.port()) })
    }
}

/// A name becomes part of file names and of log lines.
fn checked_name(name: &str) -> Result<String, ConfigError> {
    let allowed = |c: char| c.is_alphanumeric() || matches!(c, '-' | '_');
    if name.is_empty() || name.chars().count() > 32 || !name.chars().all(allowed) {
        return Err(ConfigError::Value {
            setting: "ring.name",
            value: name.to_owned(),
            expected: "a name of 1 to 32 letters, digits, - and _",
        });
    }
    Ok(name.to_owned())
}
