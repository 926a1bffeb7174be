use serde_json::Value;

use crate::util::Dir;

fn flags(dir: &Dir, args: &str) -> crate::util::Run {
    dir.run(["flags"].into_iter().chain(args.split(' ')).chain(["--db", "f.db"]))
}

#[test]
fn a_folder_is_scanned_and_every_step_is_shown() {
    let dir = Dir::new();
    let text = dir.file("typed.txt", "clk;01:59\n");
    assert_eq!(dir.run(["replay", "--db", "f.db", text]).code, 0);
    std::fs::create_dir(dir.path("event")).unwrap();
    for name in ["GER.png", "de.svg", "Flag_of_Spain.svg", "tw.svg", "logo.webp", "notes.txt"] {
        dir.file(&format!("event/{name}"), "not a picture, and nobody looks");
    }
    let scan: Value =
        serde_json::from_str(&flags(&dir, "scan event --format json").stdout).expect("the scan as JSON");
    let chosen: Vec<_> = scan[0]["files"]
        .as_array()
        .unwrap()
        .iter()
        .filter(|file| file["chosen"] == true)
        .map(|file| (file["file"].as_str().unwrap(), file["code"].as_str().unwrap()))
        .collect();
    assert_eq!(chosen, [("Flag_of_Spain.svg", "ESP"), ("GER.png", "GER"), ("tw.svg", "TWN")]);
    assert_eq!(flags(&dir, "set WT1 GER --by me --reason guests").code, 0);
    let folder = dir.path("event").to_str().unwrap().to_owned();
    let told: Vec<_> = [
        "show GER",
        "show wt1",
        "show TPE",
        "show AIN",
        "show FRA",
        "show \u{1b}[2J",
        "set X nobody",
        "unset ESP",
    ]
    .iter()
    .map(|args| format!("$ flags {args}\n{}", flags(&dir, args).all().replace(&folder, "EVENT")))
    .collect();
    insta::assert_snapshot!("flags", told.join("\n"));
    assert_eq!(flags(&dir, "unset WT1").code, 0);
    let history: Value = serde_json::from_str(&flags(&dir, "history --format json").stdout).unwrap();
    assert_eq!(history[0]["reason"], "no longer set by hand");
    assert_eq!(history.as_array().unwrap().len(), 7, "five pictures, set and taken back");
    let missing = flags(&dir, "scan nowhere");
    assert_eq!(missing.code, 1);
    assert!(missing.stderr.contains("nowhere cannot be read"), "{}", missing.stderr);
}
