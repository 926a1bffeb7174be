//! Matches of a database.

use std::{
    collections::{HashMap, hash_map::Entry},
    path::Path,
};

use anyhow::{Context as _, anyhow};
use hitlevel::Course;
use pss_protocol::PerAthlete;
use pss_store::{AthleteId, MatchId, MatchRow, Order, Query, SessionId, Store, StoreError, TournamentId};

use super::{CoursesArgs, Fight, Origin, Seen, Stored, Told, Tournament, Who};
use crate::{cmd::Outcome, database};

pub(super) fn read(
    args: &CoursesArgs,
    path: &Path,
    seen: &mut Seen,
    each: &mut impl FnMut(Told) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let store = database::open(path)?;
    let narrowed = narrowed(args)?;
    let tournament = args.tournament.as_deref().map(|name| database::tournament(&store, name)).transpose()?;
    let only_of = tournament.map(|stored| stored.id);
    let person = match args.athlete {
        Some(Who::Id(id)) => Some(person(&store, id)?),
        _ => None,
    };
    let mut names = HashMap::new();
    for row in store.all_matches(named(args, narrowed.clone())) {
        let row = row?;
        let tournament = tournament_of(&store, &mut names, row.match_id)?;
        if only_of.is_some_and(|asked| tournament.as_ref().is_none_or(|known| known.id != asked.0)) {
            continue;
        }
        seen.see(&row.summary);
        let asked = match person {
            Some(person) => Some(PerAthlete {
                blue: row.blue_athlete_id == Some(person),
                red: row.red_athlete_id == Some(person),
            }),
            None => args.asked(&row.summary),
        };
        if let Some(asked) = asked {
            seen.told = true;
            each(told(&store, row, tournament, asked)?)?;
        }
    }
    if !seen.told && args.fight.is_some() {
        // To tell which numbers there are.
        for row in store.all_matches(narrowed) {
            if seen.more {
                break;
            }
            seen.see(&row?.summary);
        }
    }
    Ok(Outcome::Done)
}

/// Everything but which match and which athlete.
fn narrowed(args: &CoursesArgs) -> anyhow::Result<Query> {
    let mut query = Query::new().order(Order::OldestFirst);
    if let Some(ring) = &args.ring {
        query = query.ring(ring);
    }
    if let Some(session) = args.session {
        query = query.session(SessionId(session));
    }
    if let Some(from) = &args.from {
        query = query.from(from.at(&args.time_zone).context("--from")?);
    }
    if let Some(until) = &args.until {
        query = query.until(until.at(&args.time_zone).context("--until")?);
    }
    Ok(query)
}

fn named(args: &CoursesArgs, mut query: Query) -> Query {
    match &args.fight {
        Some(Fight::Id(id)) => query = query.match_id(MatchId(*id)),
        Some(Fight::Number(number)) => query = query.match_number(number),
        None => {}
    }
    if let Some(Who::Id(id)) = args.athlete {
        query = query.athlete(AthleteId(id));
    }
    query
}

/// The one whom a merged athlete was merged into.
fn person(store: &Store, id: i64) -> anyhow::Result<AthleteId> {
    let record = store.athlete(AthleteId(id))?;
    let record = record.ok_or_else(|| StoreError::NotFound { what: "athlete", name: id.to_string() })?;
    Ok(record.athlete.merged_into.unwrap_or(AthleteId(id)))
}

fn tournament_of(
    store: &Store,
    names: &mut HashMap<TournamentId, String>,
    id: MatchId,
) -> anyhow::Result<Option<Tournament>> {
    let Some((id, _)) = store.tournament_of_match(id)? else { return Ok(None) };
    let name = match names.entry(id) {
        Entry::Occupied(known) => known.into_mut(),
        Entry::Vacant(new) => {
            let stored = store.tournament(id)?;
            new.insert(stored.ok_or_else(|| anyhow!("tournament {id} has just been removed"))?.info.name)
        }
    };
    Ok(Some(Tournament { id: id.0, name: name.clone() }))
}

fn told(
    store: &Store,
    row: MatchRow,
    tournament: Option<Tournament>,
    asked: PerAthlete<bool>,
) -> anyhow::Result<Told> {
    let events = store.events_of_match(row.match_id)?.into_iter().map(|stored| stored.event).collect();
    Ok(Told {
        course: Course::new(row.summary, events),
        ring: row.ring,
        origin: Origin::Stored(Stored {
            match_id: row.match_id,
            session: row.session,
            athletes: PerAthlete { blue: row.blue_athlete_id, red: row.red_athlete_id },
            tournament,
        }),
        began_at: row.began_at,
        asked,
    })
}
