//! Mistakes that other receivers make with this wire; each is a test of ours.

use pss_protocol::{Athlete, ChallengeState, ClockAction, InjuryAction, Message};

use crate::{messages, only};

#[test]
fn empty_fields_stay_in_place() {
    let Message::Match(info) = only(b"mch;7;;;;#0;#1;#2;#3;;;3;120;cntDown;27;10").message else { panic!() };
    assert!(info.phase.is_empty() && info.category.is_empty() && info.reserved.is_empty());
    assert_eq!((info.rounds, info.head_level), (Some(3), Some(10)));
}

#[test]
fn every_code_of_a_datagram_is_read() {
    assert_eq!(messages(b"pt1;2;hl1;40;sc1;2;sc2;0;s11;2;s21;0;").len(), 4);
}

#[test]
fn codes_that_begin_alike_are_told_apart() {
    assert!(matches!(only(b"sc1;1;sc2;0").message, Message::Score { .. }));
    assert!(matches!(only(b"sup;1;").message, Message::Superiority { value: Some(1) }));
    assert!(matches!(only(b"s11;1;").message, Message::RoundScores(_)));
    assert!(matches!(only(b"win;RED").message, Message::Winner { .. }));
    assert!(matches!(only(b"wmh;RED;2-0 PTF").message, Message::Result(_)));
}

#[test]
fn one_athlete_alone_leaves_the_other_alone() {
    assert_eq!(only(b"sc1;3;").message, Message::Score { blue: Some(3), red: None });
    assert_eq!(only(b"wg1;1;").message, Message::GamJeoms { blue: Some(1), red: None });
}

#[test]
fn a_closed_challenge_is_no_error_and_no_denied_one() {
    let state = |datagram: &'static [u8]| match only(datagram).message {
        Message::Challenge { state, .. } => state,
        other => panic!("{other:?}"),
    };
    assert_eq!(state(b"ch1;-1;"), ChallengeState::Closed);
    assert_eq!(state(b"ch1;0;"), ChallengeState::Rejected);
}

#[test]
fn high_scores_are_scores() {
    assert_eq!(only(b"sc1;51;sc2;120").message, Message::Score { blue: Some(51), red: Some(120) });
}

#[test]
fn show_and_hide_are_kept() {
    for (datagram, action) in
        [(&b"ij0;01:00;show"[..], InjuryAction::Show), (b"ij0;00:47;hide", InjuryAction::Hide)]
    {
        assert!(
            matches!(only(datagram).message, Message::Injury { action: Some(read), .. } if read == action)
        );
    }
}

#[test]
fn bytes_that_are_not_utf8_are_kept() {
    let datagram = b"at1;M\xDCLLER;M\xDCLLER;GER;at2;B;B;JPN\r\n";
    let Message::Athletes(athletes) = only(datagram).message else { panic!() };
    let blue = athletes.blue.expect("blue is named");
    assert_eq!(blue.short_name.as_bytes(), b"M\xDCLLER");
    assert_eq!(blue.short_name.decode(), "MÜLLER");
    let mut written = Vec::new();
    only(datagram).message.encode(&mut written);
    assert_eq!(written, datagram[..datagram.len() - 2]);
}

/// A name cut inside a character does not turn into Latin-1 letters.
#[test]
fn a_cut_character_is_shown_as_its_bytes() {
    assert_eq!(pss_protocol::Text::from(&b"E. \xc5\x9eAH\xc4"[..]).decode(), r"E. ŞAH\xC4");
}

#[test]
fn the_word_after_the_time_is_not_lost() {
    assert!(matches!(
        only(b"clk;0.00;stopEnd;").message,
        Message::Clock { action: Some(ClockAction::StopEnd), .. }
    ));
    assert!(matches!(
        only(b"to2;00:00;stop\r\n").message,
        Message::TimeOut { athlete: Athlete::Red, action: Some(ClockAction::Stop), .. }
    ));
}
