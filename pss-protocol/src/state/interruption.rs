//! Kye-shi, para time-outs and challenges: what stops the fight.

use alloc::vec::Vec;
use core::time::Duration;

use crate::{
    Athlete, ChallengeState, ChallengeView, ClockAction, ClockTime, EventKind, InjuryAction, InjuryView,
    Monotonic, PerAthlete, TimeOutView,
};

/// A tick this soon after the end is late and opens nothing.
const LATE_TICK: Duration = Duration::from_millis(300);

#[derive(Clone, Debug, Default)]
pub(super) struct Interruptions {
    pub(super) injury: Option<InjuryView>,
    pub(super) time_out: Option<TimeOutView>,
    pub(super) challenges: Vec<ChallengeView>,
    /// Challenges that cost the athlete the card.
    pub(super) cards_lost: PerAthlete<u32>,
    last: Option<(ChallengeView, ChallengeState, Monotonic)>,
}

impl Interruptions {
    /// `ij`. Only `show` opens a kye-shi: ticks may follow `hide`.
    pub(super) fn injury(
        &mut self,
        athlete: Option<Athlete>,
        time: Option<ClockTime>,
        action: Option<InjuryAction>,
    ) -> Option<EventKind> {
        match action {
            Some(InjuryAction::Show) => {
                let open = self.injury.replace(InjuryView { athlete, time }).is_some();
                (!open).then_some(EventKind::Injury { athlete, action: InjuryAction::Show, time })
            }
            Some(action @ (InjuryAction::Hide | InjuryAction::Reset)) => {
                let open = self.injury.take().is_some();
                (open || action == InjuryAction::Reset).then_some(EventKind::Injury { athlete, action, time })
            }
            None => {
                if let Some(injury) = &mut self.injury {
                    injury.time = time.or(injury.time);
                }
                None
            }
        }
    }

    /// `to`. On expiry a `to2;…;stop` comes even for blue: it closes nothing that is not open.
    pub(super) fn time_out(
        &mut self,
        athlete: Athlete,
        time: Option<ClockTime>,
        action: Option<ClockAction>,
    ) -> Option<EventKind> {
        let open = self.time_out.as_ref().is_some_and(|open| open.athlete == athlete);
        match action {
            Some(ClockAction::Start) => {
                self.time_out = Some(TimeOutView { athlete, time });
                (!open).then_some(EventKind::TimeOut { athlete, action: ClockAction::Start, time })
            }
            Some(action @ (ClockAction::Stop | ClockAction::StopEnd)) if open => {
                self.time_out = None;
                Some(EventKind::TimeOut { athlete, action, time })
            }
            Some(_) => None,
            None => {
                if let Some(open) = self.time_out.as_mut().filter(|open| open.athlete == athlete) {
                    open.time = time.or(open.time);
                }
                None
            }
        }
    }

    /// `ch`. The same again within a moment is a duplicate.
    pub(super) fn challenge(
        &mut self,
        athlete: Option<Athlete>,
        state: ChallengeState,
        won: Option<bool>,
        now: Monotonic,
    ) -> Option<EventKind> {
        let view = ChallengeView { athlete };
        let repeated = self
            .last
            .as_ref()
            .is_some_and(|(who, was, at)| *who == view && *was == state && now.since(*at) < LATE_TICK);
        if repeated {
            return None;
        }
        self.last = Some((view.clone(), state, now));
        self.challenges.retain(|open| *open != view);
        match state {
            ChallengeState::Requested => self.challenges.push(view),
            ChallengeState::Accepted | ChallengeState::Rejected => {
                let card_lost = !won.unwrap_or(state == ChallengeState::Accepted);
                if let Some(athlete) = athlete.filter(|_| card_lost) {
                    self.cards_lost[athlete] += 1;
                }
            }
            ChallengeState::Closed => {}
        }
        Some(EventKind::Challenge { athlete, state, won })
    }
}
