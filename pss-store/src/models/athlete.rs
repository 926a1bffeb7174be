//! Athletes. The identity is long name, country and division together: namesakes stay apart, and the short
//! name, which several athletes share, is only an attribute.

use diesel::prelude::*;
use pss_protocol::Competitor;

use super::Cache;
use crate::schema::{athletes, matches};

/// What tells one athlete from another. What is not known is empty.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub(crate) struct Identity {
    long_name: String,
    country: String,
    division: String,
}

/// The athlete's row, made where there is none; `None` for a competitor without a name.
pub(crate) fn resolve(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    competitor: &Competitor,
    division: Option<&str>,
) -> QueryResult<Option<i64>> {
    let Some(long_name) = competitor.name.clone().filter(|name| !name.is_empty()) else { return Ok(None) };
    let identity = Identity {
        long_name,
        country: competitor.country.clone().unwrap_or_default(),
        division: division.unwrap_or_default().to_owned(),
    };
    if let Some(id) = cache.athletes.get(&identity) {
        return Ok(Some(*id));
    }
    let short_name = competitor.short_name.as_deref();
    let known = athletes::table
        .filter(athletes::long_name.eq(&identity.long_name))
        .filter(athletes::country.eq(&identity.country))
        .filter(athletes::division.eq(&identity.division))
        .select(athletes::id)
        .first(connection)
        .optional()?;
    let id = match known {
        Some(id) => id,
        None => diesel::insert_into(athletes::table)
            .values((
                athletes::long_name.eq(&identity.long_name),
                athletes::country.eq(&identity.country),
                athletes::division.eq(&identity.division),
                athletes::short_name.eq(short_name),
            ))
            .returning(athletes::id)
            .get_result(connection)?,
    };
    if cache.athletes.len() >= MOST_ATHLETES {
        cache.athletes.clear();
    }
    cache.athletes.insert(identity, id);
    Ok(Some(id))
}

/// Removes an athlete whom no match names any more: a match that was shown before its division was known
/// leaves one behind.
pub(crate) fn remove_unused(
    connection: &mut SqliteConnection,
    cache: &mut Cache,
    id: i64,
) -> QueryResult<()> {
    let used = matches::table.filter(matches::blue_athlete_id.eq(id).or(matches::red_athlete_id.eq(id)));
    if diesel::select(diesel::dsl::exists(used)).get_result(connection)? {
        return Ok(());
    }
    diesel::delete(athletes::table.find(id)).execute(connection)?;
    cache.athletes.retain(|_, known| *known != id);
    Ok(())
}

const MOST_ATHLETES: usize = 4096;
