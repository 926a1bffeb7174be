//! Matches of a database.

use std::{collections::HashMap, path::Path};

use anyhow::Context as _;
use hitlevel::Course;
use pss_protocol::PerAthlete;
use pss_store::{
    AthleteId, MatchId, MatchRow, Query, SessionId, Store, StoreError, StoredCourse, StoredEvent,
    TournamentId,
};

use super::{CoursesArgs, Fight, Order, Origin, Seen, Stored, Told, Tournament, Who};
use crate::{cmd::Outcome, database};

pub(super) fn read(
    args: &CoursesArgs,
    path: &Path,
    order: Order,
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
    let tournaments = Tournaments::new(&store)?;
    let asks_for = |fight: &MatchRow, seen: &mut Seen| {
        let tournament = tournaments.of(fight.match_id)?;
        if only_of.is_some_and(|asked| tournament.as_ref().is_none_or(|known| known.id != asked.0)) {
            return Ok(None);
        }
        seen.see(&fight.summary);
        let asked = match person {
            Some(person) => Some(PerAthlete {
                blue: fight.blue_athlete_id == Some(person),
                red: fight.red_athlete_id == Some(person),
            }),
            None => args.asked(&fight.summary),
        };
        seen.told |= asked.is_some();
        anyhow::Ok(asked.map(|asked| (asked, tournament)))
    };
    let query = named(args, narrowed.clone());
    match order {
        Order::Stored => store.for_each_course(&query, |StoredCourse { fight, events, .. }| {
            let Some(asked) = asks_for(&fight, seen)? else { return Ok(()) };
            each(told(fight, events, asked))
        })?,
        Order::Time => {
            for fight in store.all_matches(query.order(pss_store::Order::OldestFirst)) {
                let fight = fight?;
                if let Some(asked) = asks_for(&fight, seen)? {
                    let events = store.events_of_match(fight.match_id)?;
                    each(told(fight, events, asked))?;
                }
            }
        }
    }
    if !seen.told && matches!(args.fight, Some(Fight::Number(_))) {
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
    let mut query = Query::new();
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

/// Which tournament a match is of.
struct Tournaments<'a> {
    store: &'a Store,
    /// By their numbers.
    names: HashMap<TournamentId, String>,
}

impl<'a> Tournaments<'a> {
    fn new(store: &'a Store) -> anyhow::Result<Self> {
        let all = store.tournaments()?.into_iter();
        Ok(Self { store, names: all.map(|stored| (stored.id, stored.info.name)).collect() })
    }

    fn of(&self, id: MatchId) -> anyhow::Result<Option<Tournament>> {
        if self.names.is_empty() {
            return Ok(None);
        }
        let known = self.store.tournament_of_match(id)?;
        // One that was added a moment ago has no name here.
        Ok(known.and_then(|(id, _)| Some(Tournament { id: id.0, name: self.names.get(&id)?.clone() })))
    }
}

fn told(
    fight: MatchRow,
    events: Vec<StoredEvent>,
    (asked, tournament): (PerAthlete<bool>, Option<Tournament>),
) -> Told {
    Told {
        course: Course::new(fight.summary, events.into_iter().map(|stored| stored.event).collect()),
        ring: fight.ring,
        origin: Origin::Stored(Stored {
            match_id: fight.match_id,
            session: fight.session,
            athletes: PerAthlete { blue: fight.blue_athlete_id, red: fight.red_athlete_id },
            tournament,
        }),
        began_at: fight.began_at,
        reception: None,
        asked,
    }
}
