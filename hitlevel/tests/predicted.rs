//! Predictions of simulated matches: held against what became of them, and the live ones against the stored.
#![cfg(feature = "pss")]

use std::{collections::BTreeMap, time::Duration};

use hitlevel::{Calibration, Course, Courses, Forecasts, Predictor, Standing};
use pss_protocol::{
    Arrival, Datagram, Flow, Monotonic, Pipeline, PipelineConfig, Scoring,
    simulate::{Manner, Simulator, SimulatorConfig},
};

/// Plays matches through the pipeline, with a look at the ring after each datagram. Gives them as they are stored.
fn play(config: SimulatorConfig, mut look: impl FnMut(Monotonic, &Pipeline<Courses>)) -> Vec<Course> {
    let mut pipeline = Pipeline::new(PipelineConfig::default(), Courses::default());
    for (simulated, seq) in Simulator::new(config).zip(1..) {
        let arrival = Arrival { wall: None, mono: simulated.at };
        let bytes = &simulated.bytes;
        pipeline.ingest(&Datagram { seq, arrival, source: None, flow: Flow::Broadcast, bytes });
        look(simulated.at, &pipeline);
    }
    pipeline.finish().finish().collect()
}

fn calibration(matches: u32, conventional_percent: u8) -> Calibration {
    let mut config = SimulatorConfig::default();
    (config.seed, config.matches, config.conventional_percent) = (4, Some(matches), conventional_percent);
    Calibration::in_order(&play(config, |_, _| {}))
}

/// The margin by which ours must be better than "who leads wins", as docs/PREDICTION.md states it.
fn assert_better(forecasts: &Forecasts, matches: u64, margin: f64) {
    assert!(forecasts.matches() >= matches, "{}", forecasts.matches());
    let found = forecasts.margin().expect("there are predictions");
    let interval = forecasts.margin_interval().expect("of enough matches");
    assert!(found > margin && *interval.start() > margin / 2.0, "{found} {interval:?}");
}

#[test]
fn predictions_of_best_of_three_beat_the_naive_ones() {
    let calibration = calibration(150, 0);
    assert_better(&calibration.best_of_3, 100, 0.07);
    assert_better(&calibration.round, 100, 0.09);
    assert_eq!(calibration.conventional.matches(), 0);
}

#[test]
fn predictions_of_conventional_matches_beat_the_naive_ones() {
    let calibration = calibration(100, 100);
    assert_better(&calibration.conventional, 70, 0.07);
    assert_eq!(calibration.round.matches(), 0);
}

#[test]
fn a_ring_and_a_database_predict_the_same() {
    let mut config = SimulatorConfig::default();
    (config.manner, config.matches, config.conventional_percent) = (Manner::Clean, Some(25), 50);
    let mut shown = BTreeMap::<u32, Vec<(Monotonic, Standing)>>::new();
    let courses = play(config, |at, pipeline| {
        let snapshot = pipeline.snapshot();
        if let (Some(standing), Some(summary)) = (Standing::of(&snapshot), &snapshot.summary) {
            shown.entry(summary.index).or_default().push((at, standing));
        }
    });
    let predictor = Predictor::default();
    let mut compared = 0;
    for course in &courses {
        let standings = course.standings();
        for (place, stored) in standings {
            // To be compared once it has settled, and before anything else happens.
            let (event, next) = (&course.events[place], course.events.get(place + 1));
            let span = Duration::from_millis(250);
            let quiet =
                |at: Monotonic| at > event.at.mono + span && next.is_none_or(|next| at + span < next.at.mono);
            let live = shown[&course.summary.index].iter().find(|(at, _)| quiet(*at));
            let Some(&(_, mut live)) = live.filter(|(_, live)| live.stage == stored.stage) else { continue };
            if live.scoring == Scoring::Unknown {
                assert!(predictor.predict(&live).is_err());
                continue;
            }
            // The same standing gives the same prediction; the clock ticks on between events.
            live.seconds_left = stored.seconds_left;
            assert_eq!(live, stored, "after {event:?}");
            compared += 1;
        }
    }
    assert!(compared > 1000, "{compared}");
}
