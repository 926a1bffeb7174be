//! One file for each noun: its rows, how they are written and how they are read.

pub(crate) mod athlete;
pub(crate) mod challenge;
pub(crate) mod datagram;
pub(crate) mod event_row;
pub(crate) mod injury;
pub(crate) mod match_;
pub(crate) mod match_event;
pub(crate) mod pss_event;
pub(crate) mod recognition;
pub(crate) mod session;
pub(crate) mod validation_result;

use std::{collections::HashMap, net::SocketAddr};

use diesel::{prelude::*, sql_types::BigInt};

use crate::{statistics::Tally, unknown::Patterns};

/// What the writer remembers between rows. It is forgotten when a transaction is rolled back, and when somebody
/// else wrote into the database.
#[derive(Debug, Default)]
pub(crate) struct Cache {
    pub(crate) sources: HashMap<SocketAddr, i64>,
    pub(crate) athletes: HashMap<athlete::Identity, i64>,
    pub(crate) statistics: Tally,
    pub(crate) unknown: Patterns,
    /// SQLite's count of the commits of others.
    data_version: Option<i64>,
}

impl Cache {
    /// Asks within the transaction whether another connection has written since the last time.
    pub(crate) fn forget_if_changed(&mut self, connection: &mut SqliteConnection) -> QueryResult<()> {
        let version = data_version(connection)?;
        if self.data_version != Some(version) {
            *self = Self { data_version: Some(version), ..Self::default() };
        }
        Ok(())
    }

    /// Writes what was counted: each row that changed, once.
    pub(crate) fn write_counts(&mut self, connection: &mut SqliteConnection) -> QueryResult<()> {
        self.statistics.write(connection)?;
        self.unknown.write(connection)
    }
}

/// SQLite's number for what the connection sees: another one when somebody else has committed since the last time.
pub(crate) fn data_version(connection: &mut SqliteConnection) -> QueryResult<i64> {
    let version: DataVersion = diesel::sql_query("PRAGMA data_version").get_result(connection)?;
    Ok(version.data_version)
}

#[derive(QueryableByName)]
struct DataVersion {
    #[diesel(sql_type = BigInt)]
    data_version: i64,
}

/// Numbers of the wire and of the protocol's types as SQLite has them.
pub(crate) fn number(value: u64) -> i64 {
    i64::try_from(value).unwrap_or(i64::MAX)
}

/// A stored number as the protocol's types have it; none that was written by [`number`] is out of range.
pub(crate) fn unsigned<T: TryFrom<i64>>(value: i64) -> Option<T> {
    T::try_from(value).ok()
}

/// What a reader says of a row that this version cannot read.
pub(crate) fn unreadable(noun: &str, id: i64) -> diesel::result::Error {
    let text = format!("{noun} {id} has a number or a word that this version does not know");
    diesel::result::Error::DeserializationError(text.into())
}
