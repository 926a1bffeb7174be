use std::{collections::HashMap, path::Path};

use clap::Parser as _;

use super::{Config, ConfigError, SenderConfig};
use crate::args::Args;

/// What `restrike-server ARGS` makes of a file and of variables.
fn load(args: &[&str], file: &str, variables: &[(&str, &str)]) -> Result<Config, ConfigError> {
    let written = tempfile::NamedTempFile::new().unwrap();
    std::fs::write(written.path(), file).unwrap();
    let mut args = Args::try_parse_from([&["restrike-server"], args].concat()).unwrap();
    args.config = Some(written.path().to_owned());
    let home = [("HOME", "home"), ("LOCALAPPDATA", "home"), ("RESTRIKE_REQUIRE", "all")];
    let environment = home.iter().chain(variables).map(|&(name, value)| (name.to_owned(), value.to_owned()));
    Config::load(&args, environment.collect())
}

fn error(args: &[&str], file: &str, variables: &[(&str, &str)]) -> String {
    load(args, file, variables).unwrap_err().to_string()
}

#[test]
fn defaults() {
    let config = load(&[], "", &[]).unwrap();
    assert_eq!(config.http.to_string(), "127.0.0.1:8088");
    let [ring] = &config.rings[..] else { panic!("{config:?}") };
    assert_eq!((ring.name.as_str(), ring.listen.to_string()), ("1", "0.0.0.0:6000".to_owned()));
    assert_eq!(ring.sender, None);
    assert!(config.data_dir.starts_with("home"));
    assert_eq!(config.database, config.data_dir.join("restrike.db"));
}

const FILE: &str = r#"
    data_dir = "from-file"
    [http]
    listen = "127.0.0.1:1001"
    [database]
    url = "file.db"
    [[ring]]
    name = "A"
    listen = "0.0.0.0:6001"
    sender = "192.168.1.5:9995"
    [[ring]]
    name = "B"
    listen = "0.0.0.0:6002"
    sender = "192.168.1.6"
"#;

#[test]
fn flags_before_variables_before_the_file() {
    let file = load(&[], FILE, &[]).unwrap();
    assert_eq!((file.http.port(), file.data_dir.as_path()), (1001, Path::new("from-file")));
    assert_eq!(file.database, Path::new("file.db"));
    assert_eq!(
        file.rings.iter().map(|ring| ring.sender).collect::<Vec<_>>(),
        [
            Some(SenderConfig { address: "192.168.1.5".parse().unwrap(), requests: Some(9995) }),
            Some(SenderConfig { address: "192.168.1.6".parse().unwrap(), requests: None }),
        ]
    );

    let variables = [
        ("RESTRIKE__HTTP__LISTEN", "127.0.0.1:1002"),
        ("RESTRIKE__DATA_DIR", "from-variable"),
        ("RESTRIKE__DATABASE__URL", "sqlite:variable.db"),
    ];
    let variable = load(&[], FILE, &variables).unwrap();
    assert_eq!((variable.http.port(), variable.data_dir.as_path()), (1002, Path::new("from-variable")));
    assert_eq!(variable.database, Path::new("variable.db"));

    let flags =
        ["--http", "127.0.0.1:1003", "--ring", "C=127.0.0.1:0,10.0.0.1:9995", "--data-dir", "from-flag"];
    let flag = load(&flags, FILE, &variables).unwrap();
    assert_eq!((flag.http.port(), flag.data_dir.as_path()), (1003, Path::new("from-flag")));
    assert_eq!(flag.rings.len(), 1);
    assert_eq!(flag.rings[0].name, "C");
    assert_eq!(flag.rings[0].sender.unwrap().requests, Some(9995));
}

#[test]
fn unknown_keys_are_errors_everywhere() {
    assert!(error(&[], "[http]\nlisten = \"127.0.0.1:1\"\nport = 3", &[]).contains("unknown field `port`"));
    assert!(error(&[], "[htpp]\nlisten = \"127.0.0.1:1\"", &[]).contains("unknown field `htpp`"));
    assert!(
        error(&[], "[[ring]]\nname=\"1\"\nlisten=\"0.0.0.0:1\"\nport=3", &[])
            .contains("unknown field `port`")
    );
    let variable = error(&[], "", &[("RESTRIKE__HTTP__PORT", "3")]);
    assert!(variable.contains("a RESTRIKE__ variable: unknown field `port`"), "{variable}");
    assert!(error(&[], "", &[("RESTRIKE__HTPP", "3")]).contains("unknown field `htpp`"));
}

#[test]
fn what_cannot_be_served_is_refused_with_a_way_out() {
    let cases: [(&[&str], &str, &str); 10] = [
        (&["--http", "0.0.0.0:8088"], "", "use 127.0.0.1"),
        (&[], "[http]\nlisten = \"[::]:8088\"", "use 127.0.0.1"),
        (&[], "[http]\nlisten = \"here\"", "like 127.0.0.1:8088"),
        (&["--ring", "nothing"], "", "NAME=UDPADDR"),
        (&["--ring", "1=6000"], "", "like 0.0.0.0:6000"),
        (&["--ring", "../x=0.0.0.0:6000"], "", "letters, digits"),
        (&["--ring", "1=0.0.0.0:6000,host"], "", "192.168.1.5:9995"),
        (&["--ring", "1=0.0.0.0:1", "--ring", "1=0.0.0.0:2"], "", "two rings are named \"1\""),
        (&["--ring", "1=0.0.0.0:1", "--ring", "2=0.0.0.0:1"], "", "two rings listen on 0.0.0.0:1"),
        (&["--database", "postgres://u:secret@h/d"], "", "only SQLite"),
    ];
    for (args, file, expected) in cases {
        let error = error(args, file, &[]);
        assert!(error.contains(expected), "{args:?} {file:?}: {error}");
        assert!(!error.contains("secret"));
    }
}

#[test]
fn a_missing_file_is_named() {
    let args = Args { config: Some("does-not-exist.toml".into()), ..Args::default() };
    let error = Config::load(&args, HashMap::new()).unwrap_err().to_string();
    assert!(error.contains("does-not-exist.toml"), "{error}");
}
