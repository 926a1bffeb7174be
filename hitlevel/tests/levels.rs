//! Statistics of levels against a sorted list of all of them.

use std::time::Duration;

use hitlevel::{Band, DecayedLevels, Levels, Quantile, SlidingLevels, Spread};
use proptest::prelude::*;

fn level() -> impl Strategy<Value = u32> {
    prop_oneof![8 => 0u32..=100, 1 => 95u32..=110, 1 => any::<u32>()]
}

fn levels() -> impl Strategy<Value = Vec<u32>> {
    prop::collection::vec(level(), 0..200)
}

fn recorded(levels: &[u32]) -> Levels {
    let mut all = Levels::new();
    levels.iter().for_each(|&level| all.record(level));
    all
}

fn share() -> impl Strategy<Value = f64> {
    prop_oneof![
        0.0..=1.0,
        (0u32..=100).prop_map(|percent| f64::from(percent) / 100.0),
        -2.0..3.0,
        prop::sample::select(vec![0.0, -0.0, 1.0, f64::NAN, f64::INFINITY, f64::NEG_INFINITY]),
    ]
}

/// The smallest of the sorted values that at least this share of all do not exceed.
fn quantile(sorted: &[u32], of: f64) -> Option<Quantile> {
    if of.is_nan() {
        return None;
    }
    let of = of.clamp(0.0, 1.0);
    let reaches = |place: usize| (place + 1) as f64 / sorted.len() as f64 >= of;
    let place = (0..sorted.len()).find(|&place| reaches(place))?;
    Some(if sorted[place] <= 100 { Quantile::At(sorted[place]) } else { Quantile::Above })
}

proptest! {
    #[test]
    fn levels_tell_what_the_sorted_list_does(
        mut list in levels(),
        of in share(),
        (low, high) in (0u32..130, 0u32..130),
    ) {
        let all = recorded(&list);
        list.sort_unstable();
        let count = |holds: &dyn Fn(u32) -> bool| list.iter().filter(|&&level| holds(level)).count() as u64;
        prop_assert_eq!(all.count(), list.len() as u64);
        prop_assert_eq!(all.is_empty(), list.is_empty());
        prop_assert_eq!(all.min(), list.first().copied());
        prop_assert_eq!(all.max(), list.last().copied());
        let sum: u128 = list.iter().map(|&level| u128::from(level)).sum();
        let mean = (!list.is_empty()).then(|| sum as f64 / list.len() as f64);
        prop_assert_eq!(all.mean(), mean);
        prop_assert_eq!(all.quantile(of), quantile(&list, of));
        prop_assert_eq!(all.above(), count(&|level| level > 100));
        prop_assert_eq!(all.count_in(low..=high), count(&|level| level <= 100 && (low..=high).contains(&level)));
        for level in 0..=100 {
            prop_assert_eq!(all.counts()[level as usize], count(&|known| known == level));
        }
        prop_assert_eq!(all.count_from(low.min(101)), count(&|level| level >= low.min(101)));
        // Where levels are not told apart it is what there may be, and nothing where nothing can be.
        prop_assert!(all.count_from(low) >= count(&|level| level >= low));
        prop_assert_eq!(all.count_from(low) == 0, count(&|level| level >= low) == 0);
    }

    #[test]
    fn merging_is_recording_everything(a in levels(), b in levels(), c in levels()) {
        let merge = |mut into: Levels, other: &Levels| {
            into.merge(other);
            into
        };
        let (x, y, z) = (recorded(&a), recorded(&b), recorded(&c));
        let all = recorded(&[a, b, c].concat());
        prop_assert_eq!(&merge(merge(x.clone(), &y), &z), &all);
        prop_assert_eq!(&merge(x.clone(), &merge(y.clone(), &z)), &all);
        prop_assert_eq!(&merge(merge(z, &y), &x), &all);
        prop_assert_eq!(&merge(all.clone(), &Levels::new()), &all);
    }

    #[test]
    fn bands_hold_every_hit_once(
        list in levels(),
        width in prop_oneof![0u32..130, any::<u32>()],
        starts in prop::collection::vec(prop_oneof![0u32..110, any::<u32>()], 0..8),
    ) {
        let all = recorded(&list);
        let histogram: Vec<Band> = all.histogram(width).collect();
        let (last, bars) = histogram.split_last().unwrap();
        prop_assert_eq!((last.from, last.to, last.count), (101, None, all.above()));
        let width = u64::from(width.clamp(1, 100));
        prop_assert_eq!(bars.len() as u64, 100u64.div_ceil(width));
        for (place, bar) in (1u64..).zip(bars) {
            prop_assert_eq!(bar.to.map(u64::from), Some((place * width).min(100)));
        }
        for bands in [histogram, all.bands(starts).collect()] {
            prop_assert_eq!(bands[0].from, 0);
            prop_assert_eq!(bands.iter().map(|band| band.count).sum::<u64>(), all.count());
            for pair in bands.windows(2) {
                prop_assert_eq!(pair[0].to, Some(pair[1].from - 1));
                prop_assert!(pair[0].from < pair[1].from);
            }
            for band in bands {
                let within = |level: u32| level >= band.from && band.to.is_none_or(|to| level <= to);
                prop_assert_eq!(band.count, list.iter().filter(|&&level| within(level)).count() as u64);
            }
        }
    }

    #[test]
    fn a_spread_tells_what_the_list_does(a in numbers(), b in numbers(), c in numbers()) {
        let spread = |list: &[i64]| {
            let mut spread = Spread::default();
            list.iter().for_each(|&value| spread.record(value));
            spread
        };
        let merge = |mut into: Spread, other: &Spread| {
            into.merge(other);
            into
        };
        let (x, y, z) = (spread(&a), spread(&b), spread(&c));
        let list = [a, b, c].concat();
        let all = spread(&list);
        prop_assert_eq!((all.count(), all.min(), all.max()),
            (list.len() as u64, list.iter().min().copied(), list.iter().max().copied()));
        let sum: i128 = list.iter().map(|&value| i128::from(value)).sum();
        prop_assert_eq!(all.mean(), (!list.is_empty()).then(|| sum as f64 / list.len() as f64));
        prop_assert_eq!(merge(merge(x, &y), &z), all);
        prop_assert_eq!(merge(x, &merge(y, &z)), all);
        prop_assert_eq!(merge(merge(z, &x), &y), all);
    }
}

fn numbers() -> impl Strategy<Value = Vec<i64>> {
    prop::collection::vec(prop_oneof![-1_000_000i64..1_000_000, any::<i64>()], 0..50)
}

/// Merging with oneself doubles: what would overflow after 64 times.
#[test]
fn full_counters_stay_full() {
    let mut levels = recorded(&[0, 30, 30, 101, u32::MAX]);
    let mut spread = Spread::default();
    [i64::MAX, i64::MIN].into_iter().for_each(|value| spread.record(value));
    for _ in 0..130 {
        levels.merge(&levels.clone());
        spread.merge(&spread.clone());
    }
    levels.record(30);
    assert_eq!((levels.count(), levels.above(), spread.count()), (u64::MAX, u64::MAX, u64::MAX));
    assert_eq!(levels.count_in(0..=100), u64::MAX);
    assert_eq!(levels.quantile(0.0), Some(Quantile::At(0)));
    assert!(levels.mean().is_some_and(f64::is_finite) && spread.mean().is_some_and(f64::is_finite));
}

#[test]
fn more_hits_than_a_float_can_count_still_have_a_highest() {
    let mut levels = recorded(&[7]);
    for _ in 0..63 {
        levels.merge(&levels.clone());
    }
    levels.record(9);
    assert_eq!(levels.quantile(0.5), Some(Quantile::At(7)));
    assert!(levels.quantile(1.0).is_some_and(|highest| highest <= Quantile::At(9)));
}

/// Hits in any order, with steps back and long pauses.
fn hits() -> impl Strategy<Value = Vec<(Duration, u32)>> {
    let millis = prop_oneof![4 => 0u64..100_000, 1 => 0u64..5_000_000, 1 => 0u64..200];
    prop::collection::vec((millis.prop_map(Duration::from_millis), level()), 0..60)
}

type Lately = DecayedLevels<20>;

fn lately(since: Duration, hits: &[(Duration, u32)]) -> Lately {
    let mut lately = Lately::new(since);
    hits.iter().for_each(|&(at, level)| lately.record(at, level));
    lately
}

fn about(a: f64, b: f64) -> bool {
    (a - b).abs() <= 1e-9 * a.abs().max(b.abs()).max(1e-30)
}

fn same(a: &Lately, b: &Lately, now: Duration) -> bool {
    let both = |a: Option<f64>, b: Option<f64>| match (a, b) {
        (Some(a), Some(b)) => about(a, b),
        (a, b) => a == b,
    };
    a.count() == b.count()
        && both(a.mean(), b.mean())
        && both(a.per_minute(now).ok(), b.per_minute(now).ok())
        && about(a.weight(now), b.weight(now))
        && about(a.effective_count(), b.effective_count())
}

proptest! {
    #[test]
    fn what_decays_is_the_sum_of_all_weights(hits in hits(), later in 0u64..300) {
        let lately = lately(Duration::ZERO, &hits);
        let latest = hits.iter().map(|(at, _)| *at).max().unwrap_or_default();
        let now = latest + Duration::from_secs(later);
        let weights = |now: Duration| -> Vec<f64> {
            hits.iter().map(|(at, _)| 0.5f64.powf((now - *at).as_secs_f64() / 20.0)).collect()
        };
        let sum: f64 = weights(now).iter().sum();
        prop_assert!(about(lately.weight(now), sum), "{} {sum}", lately.weight(now));
        prop_assert_eq!(lately.count(), hits.len() as u64);

        let at_last = weights(latest);
        let (sum, squares) = (at_last.iter().sum::<f64>(), at_last.iter().map(|weight| weight * weight).sum::<f64>());
        let levels: f64 = at_last.iter().zip(&hits).map(|(weight, (_, level))| weight * f64::from(*level)).sum();
        match lately.mean() {
            Some(mean) => prop_assert!(about(mean, levels / sum), "{mean}"),
            None => prop_assert!(hits.is_empty()),
        }
        if !hits.is_empty() {
            prop_assert!(about(lately.effective_count(), sum * sum / squares));
        }
        // A hit in each millisecond would give 60,000 a minute.
        if let Ok(rate) = lately.per_minute(now) {
            let exposure: f64 =
                (0..now.as_secs()).map(|second| 0.5f64.powf((now.as_secs_f64() - second as f64 - 0.5) / 20.0)).sum();
            let expected = weights(now).iter().sum::<f64>() * 60.0 / exposure;
            // The oracle takes whole seconds, so it is near only for long times.
            if now >= Duration::from_secs(60) {
                prop_assert!((rate - expected).abs() <= 0.06 * expected, "{rate} {expected}");
            }
        } else {
            prop_assert_eq!(now, Duration::ZERO);
        }
    }

    #[test]
    fn what_decays_merges(a in hits(), b in hits(), c in hits(), since in (0u64..50, 0u64..50, 0u64..50)) {
        let [s, t, u] = [since.0, since.1, since.2].map(Duration::from_secs);
        let merge = |mut into: Lately, other: &Lately| {
            into.merge(other);
            into
        };
        let (x, y, z) = (lately(s, &a), lately(t, &b), lately(u, &c));
        let all = lately(s.min(t).min(u), &[a, b, c].concat());
        for now in [Duration::ZERO, Duration::from_secs(7_000)] {
            prop_assert!(same(&merge(merge(x, &y), &z), &all, now));
            prop_assert!(same(&merge(x, &merge(y, &z)), &all, now));
            prop_assert!(same(&merge(merge(z, &y), &x), &all, now));
        }
    }

    #[test]
    fn a_window_holds_what_its_buckets_span(hits in hits(), later in 0u64..100_000) {
        let mut sliding = Window::new();
        let mut latest = Duration::ZERO;
        for place in 0..hits.len() {
            sliding.record(hits[place].0, hits[place].1);
            latest = latest.max(hits[place].0);
            for now in [latest, latest + Duration::from_millis(later), Duration::ZERO] {
                // A step back of who asks does not bring back what has gone.
                let newest = now.max(latest).as_secs() / 5;
                let within = |at: Duration| at.as_secs() / 5 + 6 > newest;
                let list: Vec<u32> =
                    hits[..=place].iter().filter(|(at, _)| within(*at)).map(|(_, level)| *level).collect();
                prop_assert_eq!(sliding.window(now), recorded(&list));
            }
        }
    }

    #[test]
    fn windows_merge(a in hits(), b in hits(), c in hits()) {
        let window = |hits: &[(Duration, u32)]| {
            let mut window = Window::new();
            hits.iter().for_each(|&(at, level)| window.record(at, level));
            window
        };
        let merge = |mut into: Window, other: &Window| {
            into.merge(other);
            into
        };
        let (x, y, z) = (window(&a), window(&b), window(&c));
        let all = window(&[a, b, c].concat());
        prop_assert_eq!(&merge(merge(x.clone(), &y), &z), &all);
        prop_assert_eq!(&merge(x.clone(), &merge(y.clone(), &z)), &all);
        prop_assert_eq!(&merge(merge(z, &y), &x), &all);
        prop_assert_eq!(&merge(Window::new(), &all), &all);
    }
}

type Window = SlidingLevels<6, 5>;

#[test]
fn the_longest_times_are_times_too() {
    let mut lately = Lately::new(Duration::ZERO);
    let mut window = Window::new();
    for at in [Duration::MAX, Duration::ZERO, Duration::MAX] {
        lately.record(at, 30);
        window.record(at, 30);
    }
    assert_eq!(lately.mean(), Some(30.0));
    assert_eq!(lately.weight(Duration::MAX), 2.0);
    assert!(lately.per_minute(Duration::ZERO).is_ok_and(f64::is_finite));
    assert_eq!(window.window(Duration::ZERO).count(), 2);
}

#[test]
fn nobody_heard_for_no_time_has_no_rate() {
    let lately = Lately::new(Duration::from_secs(9));
    assert!(lately.per_minute(Duration::from_secs(9)).is_err());
    assert_eq!(lately.per_minute(Duration::from_secs(29)), Ok(0.0));
    assert_eq!((lately.mean(), lately.effective_count()), (None, 0.0));
}

/// The rate is right from the beginning on, not only when the weights have settled.
#[test]
fn a_steady_rate_is_told_at_once() {
    let mut lately = Lately::new(Duration::ZERO);
    for half_seconds in 0..1000 {
        lately.record(Duration::from_millis(250 + 500 * half_seconds), 30);
        let rate = lately.per_minute(Duration::from_millis(500 * (half_seconds + 1))).unwrap();
        assert!((rate - 120.0).abs() < 1e-2, "{rate} after {half_seconds}");
    }
}
