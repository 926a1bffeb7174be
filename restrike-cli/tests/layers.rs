//! The layers of docs/ARCHITECTURE.md, kept: which crate may depend on which, and what each may name.
//!
//! What the graph of all dependencies shows is in `.deny.toml`.

use std::{
    collections::BTreeSet,
    fs,
    path::{Path, PathBuf},
};

use cargo_metadata::{DependencyKind, Metadata, MetadataCommand};

const LIBRARIES: [&str; 4] = ["pss-protocol", "pss-store", "obs-bridge", "hitlevel"];
const BINARIES: [&str; 2] = ["restrike-cli", "restrike-server"];

/// Every edge between crates of the workspace, development ones included. The benches may use all; nobody uses
/// the benches.
const EDGES: [(&str, &[&str]); 6] = [
    ("pss-protocol", &[]),
    ("obs-bridge", &[]),
    ("pss-store", &["pss-protocol"]),
    ("hitlevel", &["pss-protocol"]),
    ("restrike-cli", &LIBRARIES),
    ("restrike-server", &LIBRARIES),
];

/// The one module that may hold `unsafe`.
const UNSAFE: &str = "restrike-server/src/ingest/recvmmsg.rs";

#[test]
fn edges_between_crates_are_the_drawn_ones() {
    let metadata = metadata();
    let members: BTreeSet<&str> = metadata.packages.iter().map(|package| package.name.as_str()).collect();
    let drawn: BTreeSet<&str> = EDGES.iter().map(|(name, _)| *name).chain(["restrike-benches"]).collect();
    assert_eq!(members, drawn, "a crate came or went: draw it in docs/ARCHITECTURE.md and here");

    for package in &metadata.packages {
        let dependencies = package.dependencies.iter().map(|dependency| dependency.name.as_str());
        let edges: BTreeSet<&str> = dependencies.filter(|name| members.contains(name)).collect();
        match EDGES.iter().find(|(name, _)| *name == package.name.as_str()) {
            Some((name, drawn)) => assert_eq!(edges, drawn.iter().copied().collect(), "edges of {name}"),
            None => assert!(!edges.contains("restrike-benches"), "the benches are nobody's dependency"),
        }
    }
}

#[test]
fn statistics_can_do_without_the_protocol() {
    let metadata = metadata();
    let hitlevel =
        metadata.packages.iter().find(|package| package.name.as_str() == "hitlevel").expect("a member");
    let edge = hitlevel
        .dependencies
        .iter()
        .find(|dependency| dependency.name == "pss-protocol" && dependency.kind == DependencyKind::Normal)
        .expect("an edge");
    assert!(edge.optional, "pss-protocol comes with the feature `pss` only");
}

#[test]
fn every_library_forbids_unsafe_code() {
    for library in LIBRARIES {
        let path = root().join(library).join("src/lib.rs");
        let text = fs::read_to_string(&path).expect("a library has a lib.rs");
        assert!(text.contains("#![forbid(unsafe_code)]"), "{}", path.display());
    }
}

#[test]
fn unsafe_is_in_one_module() {
    // Not of the benches, which are not shipped: counting allocations and reading CPU time takes `unsafe`.
    for source in sources(&LIBRARIES).into_iter().chain(sources(&BINARIES)) {
        assert!(source.path == UNSAFE || !source.names("unsafe"), "{} holds unsafe code", source.path);
    }
}

#[test]
fn each_technology_is_named_in_one_place() {
    for source in sources(&LIBRARIES).into_iter().chain(sources(&BINARIES)) {
        for (name, place) in [
            ("nom", "pss-protocol/src/wire/grammar.rs"),
            ("diesel", "pss-store/"),
            ("rusqlite", "pss-store/"),
            ("axum", "restrike-server/"),
            ("libc", UNSAFE),
            ("pcap_parser", "restrike-cli/"),
        ] {
            assert!(source.path.starts_with(place) || !source.names(name), "{} names {name}", source.path);
        }
    }
}

#[test]
fn below_the_binaries_nothing_reads_a_clock_a_socket_or_a_file() {
    const CLOCKS: &[&str] = &["Instant::now", "SystemTime::now", "Timestamp::now", "Zoned::now"];
    const SOCKETS: &[&str] = &["UdpSocket", "TcpStream", "TcpListener", "UnixStream", "socket2", "tokio"];
    const SURROUNDINGS: &[&str] = &["std::fs", "File", "std::env", "std::process", "std::thread"];
    for source in sources(&LIBRARIES) {
        // The store has its database, and measures how long that takes.
        let forbidden: &[&[&str]] =
            if source.path.starts_with("pss-store/") { &[SOCKETS] } else { &[CLOCKS, SOCKETS, SURROUNDINGS] };
        for name in forbidden.iter().copied().flatten() {
            assert!(!source.names(name), "{} names {name}", source.path);
        }
    }
}

#[test]
fn the_scan_sees_code_and_only_code() {
    let text = "use nom::IResult; // diesel\n//! axum\nlet economy = 1;\n#[cfg(test)]\nmod tests { libc }\n";
    let source = Source { path: String::new(), text: code(text) };
    for present in ["nom", "IResult", "nom::IResult", "economy"] {
        assert!(source.names(present), "{present}");
    }
    for absent in ["diesel", "axum", "libc", "Result", "econ"] {
        assert!(!source.names(absent), "{absent}");
    }
}

fn root() -> PathBuf {
    Path::new(env!("CARGO_MANIFEST_DIR")).parent().expect("the crate lies in the workspace").to_owned()
}

fn metadata() -> Metadata {
    MetadataCommand::new()
        .manifest_path(root().join("Cargo.toml"))
        .no_deps()
        .other_options(["--offline".to_owned()])
        .exec()
        .expect("cargo knows the workspace")
}

/// A source file of a crate.
struct Source {
    /// From the root, with `/`.
    path: String,
    /// Its code: no comments, no tests.
    text: String,
}

impl Source {
    /// Whether the code holds this name, not as a part of a longer one.
    fn names(&self, name: &str) -> bool {
        let within = |character: char| character.is_alphanumeric() || character == '_';
        self.text.match_indices(name).any(|(at, _)| {
            let before = self.text[..at].chars().next_back();
            let after = self.text[at + name.len()..].chars().next();
            !before.is_some_and(within) && !after.is_some_and(within)
        })
    }
}

/// The sources of these crates; each has some.
fn sources(crates: &[&str]) -> Vec<Source> {
    let mut sources = Vec::new();
    for name in crates {
        let before = sources.len();
        collect(&root(), &root().join(name).join("src"), &mut sources);
        assert!(sources.len() > before, "{name} has no sources");
    }
    sources
}

fn collect(root: &Path, directory: &Path, sources: &mut Vec<Source>) {
    for entry in fs::read_dir(directory).expect("a directory of sources") {
        let path = entry.expect("an entry").path();
        if path.is_dir() {
            collect(root, &path, sources);
        } else if path.extension().is_some_and(|extension| extension == "rs") && !path.ends_with("tests.rs") {
            let text = fs::read_to_string(&path).expect("UTF-8");
            let parts = path.strip_prefix(root).expect("below the root").iter();
            let path = parts.map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/");
            sources.push(Source { path, text: code(&text) });
        }
    }
}

/// The code alone: no line comments, and nothing from the tests on, which stand at the end of a file.
fn code(text: &str) -> String {
    text.lines()
        .take_while(|line| !line.starts_with("#[cfg(test)]"))
        .filter(|line| !line.trim_start().starts_with("//"))
        .flat_map(|line| [line.split(" // ").next().unwrap_or_default(), "\n"])
        .collect::<String>()
        // A word of content security policies.
        .replace("'unsafe-inline'", "")
}
