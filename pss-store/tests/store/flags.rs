//! From the code of the scoring system to what is shown.

use pss_protocol::Timestamp;
use pss_store::{Change, Flag, FlagFormat, FlagTier, Store, StoreError};

use crate::{support::START, testing::TestStore};

const CHANGE: Change<'_> = Change { by: "test", at: Timestamp(START), reason: "a reason" };

fn scan(store: &Store, tier: FlagTier, files: &[&str]) -> Vec<(String, Option<String>, bool)> {
    let files: Vec<_> = files.iter().map(|file| (*file).to_owned()).collect();
    let folder = format!("/flags/{}", tier.as_str());
    let scan = store.record_flag_scan(tier, &folder, &files, &CHANGE).unwrap();
    scan.files.into_iter().map(|file| (file.file, file.code, file.chosen)).collect()
}

/// Where the flag of a code is from.
fn shown(store: &Store, code: &str) -> String {
    match store.flag(code).unwrap() {
        Flag::File(file) => format!("{}/{}", file.folder, file.file),
        Flag::Emoji { emoji, .. } => emoji,
        Flag::Neutral { code } => format!("neutral {code}"),
        Flag::Text { text } => format!("text {text}"),
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_nearest_folder_wins_and_then_emoji_and_tile() {
    let store = TestStore::new();
    assert_eq!(shown(&store, "GER"), "🇩🇪");
    scan(&store, FlagTier::System, &["de.svg", "es.svg", "fr.svg", "tw.svg"]);
    scan(&store, FlagTier::House, &["GER.png", "ESP.png"]);
    scan(&store, FlagTier::Event, &["Germany.webp", "XY1.svg", "AIN.svg"]);
    assert_eq!(shown(&store, "GER"), "/flags/event/Germany.webp");
    assert_eq!(shown(&store, " deu "), "/flags/event/Germany.webp", "as ISO has it");
    assert_eq!(shown(&store, "ESP"), "/flags/house/ESP.png");
    assert_eq!(shown(&store, "FRA"), "/flags/system/fr.svg");
    assert_eq!(shown(&store, "AIN"), "/flags/event/AIN.svg");
    assert_eq!(shown(&store, "EOR"), "neutral EOR");
    assert_eq!(shown(&store, "XY1"), "/flags/event/XY1.svg", "a team of its own");
    assert_eq!(shown(&store, "QQQ"), "text QQQ");
    assert_eq!(shown(&store, "URS"), "text URS");
    assert_eq!(shown(&store, ""), "text ");
    assert_eq!(shown(&store, "\u{1b}[2J'; --"), "text \u{1b}[2J'; --");
    // Another scan of a tier replaces it.
    scan(&store, FlagTier::Event, &[]);
    assert_eq!(shown(&store, "GER"), "/flags/house/GER.png");
}

#[test]
fn chinese_taipei_never_gets_the_flag_of_the_island() {
    let store = TestStore::new();
    let island = ["tw.svg", "TWN.png", "taiwan.webp", "Flag_of_Taiwan.svg"];
    for tier in FlagTier::ALL {
        scan(&store, tier, &island);
    }
    store.set_flag("TWN", "TWN", &CHANGE).unwrap();
    store.set_flag("CTP", "tw n", &CHANGE).unwrap_err();
    for code in ["TPE", "TWN", "tpe"] {
        assert_eq!(shown(&store, code), "text TPE", "{code}");
    }
    scan(&store, FlagTier::House, &["tw.svg", "TPE.png"]);
    assert_eq!(shown(&store, "TPE"), "/flags/house/TPE.png");
}

#[test]
fn of_several_files_the_surest_is_taken_and_then_the_sharpest() {
    let store = TestStore::new();
    let files = ["de.svg", "GER.png", "GER.webp", "Germany.svg", "readme.txt", "logo.png", "GER", ".svg"];
    let found = scan(&store, FlagTier::House, &files);
    let chosen: Vec<_> =
        found.iter().filter(|(.., chosen)| *chosen).map(|(file, ..)| file.as_str()).collect();
    assert_eq!(chosen, ["GER.webp"]);
    assert_eq!(found.len(), 6, "pictures only");
    assert_eq!(store.flag_files().unwrap()[0].format, FlagFormat::Webp);
    let history = store.flag_history(100).unwrap();
    assert_eq!(history.len(), 6);
    assert!(history.iter().any(|entry| entry.file == "logo.png" && entry.code.is_none()));
    // The same again says nothing new.
    scan(&store, FlagTier::House, &files);
    assert_eq!(store.flag_history(100).unwrap().len(), 6);
}

#[test]
fn what_is_set_by_hand_comes_first_and_can_be_taken_back() {
    let store = TestStore::new();
    assert_eq!(shown(&store, "WT1"), "text WT1");
    store.set_flag("wt1", "deu", &CHANGE).unwrap();
    assert_eq!(shown(&store, "WT1"), "🇩🇪");
    store.set_flag("WT1", "EOR", &CHANGE).unwrap();
    assert_eq!(shown(&store, "WT1"), "neutral EOR");
    let overrides = store.flag_overrides().unwrap();
    assert_eq!(overrides.len(), 1);
    assert_eq!((&*overrides[0].pss_code, &*overrides[0].flag_code), ("WT1", "EOR"));
    store.unset_flag("WT1", &CHANGE).unwrap();
    assert_eq!(shown(&store, "WT1"), "text WT1");
    let history = store.flag_history(2).unwrap();
    assert_eq!(history[0].reason, "no longer set by hand: a reason");
    assert_eq!((history[1].code.as_deref(), &*history[1].file), (Some("EOR"), "WT1"));
    assert!(matches!(store.unset_flag("WT1", &CHANGE), Err(StoreError::NotFound { .. })));
    for (code, flag) in [("WT1", "nobody"), ("", "ESP"), ("a code that is much too long", "ESP")] {
        assert!(matches!(store.set_flag(code, flag, &CHANGE), Err(StoreError::Refused { .. })), "{code}");
    }
    scan(&store, FlagTier::Event, &["XY1.svg"]);
    store.set_flag("WT1", "XY1", &CHANGE).unwrap();
    assert_eq!(shown(&store, "WT1"), "/flags/event/XY1.svg");
}

#[test]
fn every_step_says_why() {
    let store = TestStore::new();
    scan(&store, FlagTier::System, &["es.svg"]);
    let told: Vec<_> = ["ESP", "TPE", "AIN", "QQQ", "KOS"]
        .into_iter()
        .map(|code| serde_json::to_value(&*store.flag_lookup(code).unwrap()).unwrap())
        .collect();
    insta::assert_json_snapshot!(told);
}
