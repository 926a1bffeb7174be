//! Matches of recordings.

use hitlevel::{Course, Courses, report::Reception};
use pss_protocol::{Both, Pipeline};

use super::{CoursesArgs, Fight, Origin, Seen, Told};
use crate::{
    args::InputArgs,
    cmd::{Outcome, for_each_input, progress},
    reading::{Failure, Reading},
    rings::ring_name,
};

pub(super) fn read(
    args: &CoursesArgs,
    input: &InputArgs,
    seen: &mut Seen,
    each: &mut impl FnMut(Told) -> anyhow::Result<()>,
) -> anyhow::Result<Outcome> {
    let progress = progress(input, true);
    for_each_input(input, &progress, |path| {
        let mut reading = Reading::open(path, input, &progress).map_err(Failure::Input)?;
        let mut names = Vec::new();
        let (rings, fed) = reading.feed_rings(
            |ring, place, config| {
                names.push(ring_name("1", place.filter(|_| ring > 0)));
                Ok(Pipeline::new(config, Both(Courses::default(), Reception::default())))
            },
            |_, _| {},
        );
        let origin = Origin::File(path.display().to_string());
        for (pipeline, ring) in rings.into_iter().zip(names) {
            let Both(courses, mut reception) = pipeline.finish();
            reception.damage = Some(reading.damage() + u64::from(fed.is_err()));
            for course in courses.finish() {
                seen.see(&course.summary);
                if let Some(told) = wanted(args, course, &ring, &origin, reception) {
                    seen.told = true;
                    each(told).map_err(Failure::Output)?;
                }
            }
        }
        fed?;
        Ok(reading.finish())
    })
}

fn wanted(
    args: &CoursesArgs,
    course: Course,
    ring: &str,
    origin: &Origin,
    reception: Reception,
) -> Option<Told> {
    let number = match &args.fight {
        Some(Fight::Number(number)) => Some(number),
        _ => None,
    };
    if args.ring.as_deref().is_some_and(|asked| asked != ring)
        || number.is_some_and(|asked| course.summary.number.as_ref() != Some(asked))
    {
        return None;
    }
    let asked = args.asked(&course.summary)?;
    let began_at = course.events.iter().find_map(|event| event.at.wall);
    Some(Told {
        course,
        ring: ring.to_owned(),
        origin: origin.clone(),
        began_at,
        reception: Some(reception),
        asked,
    })
}
