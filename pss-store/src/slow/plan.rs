//! How SQLite goes about a statement, and what that says.

use diesel::{prelude::*, sql_types::Text};

#[derive(QueryableByName)]
struct Step {
    #[diesel(sql_type = Text)]
    detail: String,
}

/// The steps; none for what has no plan.
pub(super) fn explain(connection: &mut SqliteConnection, statement: &str) -> Vec<String> {
    let steps = diesel::sql_query(format!("EXPLAIN QUERY PLAN {statement}")).load::<Step>(connection);
    steps.unwrap_or_default().into_iter().map(|step| step.detail).collect()
}

/// What would help, where the plan or the statement tells.
pub(super) fn suggestion(statement: &str, plan: &[String]) -> Option<String> {
    let mut advice = Vec::new();
    for step in plan {
        if let Some(scanned) = step.strip_prefix("SCAN ").filter(|step| !step.contains(" USING ")) {
            let name = scanned.split_whitespace().next().unwrap_or(scanned);
            let table = table_of(statement, name);
            let columns = compared(statement, name);
            advice.push(if columns.is_empty() {
                format!("reads all of {table}; ask for less of it")
            } else {
                format!("an index on {table}({}) is missing", columns.join(", "))
            });
        } else if step.starts_with("USE TEMP B-TREE FOR ORDER BY") {
            advice.push(String::from("sorts all that it found; an index in that order would spare it"));
        }
    }
    let begins = |word: &str| statement.get(..word.len()).is_some_and(|head| head.eq_ignore_ascii_case(word));
    if begins("COMMIT") {
        advice.push(String::from("the disk takes long to make a commit durable"));
    } else if begins("BEGIN") {
        advice.push(String::from("another program held the lock"));
    }
    advice.dedup();
    (!advice.is_empty()).then(|| advice.join("; "))
}

/// The table that a plan calls by `name`, which may be an alias.
fn table_of<'a>(statement: &'a str, name: &'a str) -> &'a str {
    let words: Vec<_> = statement.split([' ', ',', '(', ')']).map(|word| word.trim_matches('`')).collect();
    let aliased = words.windows(3).find(|words| words[1].eq_ignore_ascii_case("as") && words[2] == name);
    aliased.map_or(name, |words| words[0])
}

/// The columns of a table that the statement compares with something.
fn compared<'a>(statement: &'a str, name: &str) -> Vec<&'a str> {
    let Some((_, conditions)) = statement.split_once(" WHERE ") else { return Vec::new() };
    let conditions = conditions.split(" ORDER BY ").next().unwrap_or(conditions);
    let words: Vec<_> = conditions.split_whitespace().map(|word| word.trim_matches(['(', ')'])).collect();
    let mut columns = Vec::new();
    for pair in words.windows(2) {
        let Some((table, column)) = pair[0].split_once('.') else { continue };
        let is_comparison = matches!(pair[1], "=" | "<" | ">" | "<=" | ">=" | "IN" | "IS" | "BETWEEN");
        let column = column.trim_matches('`');
        if table.trim_matches('`') == name && is_comparison && !columns.contains(&column) {
            columns.push(column);
        }
    }
    columns
}

#[cfg(test)]
mod tests {
    use super::*;

    fn advice(statement: &str, plan: &[&str]) -> Option<String> {
        suggestion(statement, &plan.iter().map(|step| (*step).to_owned()).collect::<Vec<_>>())
    }

    #[test]
    fn a_missing_index_is_named() {
        let diesel =
            "SELECT `hits`.`level` FROM `hits` WHERE ((`hits`.`level` = ?) AND (`hits`.`round` > ?))";
        assert_eq!(advice(diesel, &["SCAN hits"]).unwrap(), "an index on hits(level, round) is missing");
        let aliased = "SELECT e.id FROM matches AS e WHERE e.phase = ? ORDER BY e.id";
        assert_eq!(advice(aliased, &["SCAN e"]).unwrap(), "an index on matches(phase) is missing");
        assert_eq!(advice(aliased, &["SCAN e USING INDEX matches_by_beginning"]), None);
        assert_eq!(advice(aliased, &["SEARCH e USING INTEGER PRIMARY KEY (rowid=?)"]), None);
    }

    #[test]
    fn other_reasons_to_be_slow() {
        let all = "SELECT count(*) FROM `datagrams`";
        assert_eq!(advice(all, &["SCAN datagrams"]).unwrap(), "reads all of datagrams; ask for less of it");
        let sorted = advice("SELECT 1", &["SEARCH a", "USE TEMP B-TREE FOR ORDER BY"]).unwrap();
        assert!(sorted.starts_with("sorts all that it found"), "{sorted}");
        assert_eq!(advice("COMMIT", &[]).unwrap(), "the disk takes long to make a commit durable");
        assert_eq!(advice("BEGIN IMMEDIATE", &[]).unwrap(), "another program held the lock");
        assert_eq!(advice("ü", &[]), None);
    }
}
