//! docs/SCHEMA.md is what the migrations make. `RESTRIKE_WRITE_DOCS=1` writes it.

use std::{collections::BTreeMap, env, fmt::Write as _, fs, path::Path};

use diesel::{
    Connection as _, QueryableByName, RunQueryDsl as _, SqliteConnection,
    sql_types::{BigInt, Nullable, Text},
};

use crate::testing::TestStore;

const HEAD: &str = "\
# The schema

Every table, view and index of a database, as the migrations make it. This page is generated from a database by a test,
which also compares it: `RESTRIKE_WRITE_DOCS=1 cargo test -p pss-store --test store schema_page` writes it anew. What
the tables are for is told in [STORE.md](STORE.md).

Times are µs since 1970 UTC unless a column says otherwise.
";

#[derive(QueryableByName)]
struct Object {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    sql: String,
}

#[derive(QueryableByName)]
struct Column {
    #[diesel(sql_type = Text)]
    name: String,
    #[diesel(sql_type = Text)]
    kind: String,
    #[diesel(sql_type = BigInt)]
    required: i64,
    #[diesel(sql_type = Nullable<Text>)]
    default_value: Option<String>,
    #[diesel(sql_type = BigInt)]
    key: i64,
}

#[derive(QueryableByName)]
struct Reference {
    #[diesel(sql_type = Text)]
    columns: String,
    #[diesel(sql_type = Text)]
    target: String,
    #[diesel(sql_type = Text)]
    target_columns: String,
    #[diesel(sql_type = Text)]
    on_delete: String,
}

#[derive(QueryableByName)]
struct Unique {
    #[diesel(sql_type = Text)]
    columns: String,
}

fn objects(connection: &mut SqliteConnection, condition: &str) -> Vec<Object> {
    let query = format!(
        "SELECT name, sql FROM sqlite_schema WHERE sql IS NOT NULL AND name NOT LIKE '\\_\\_%' ESCAPE '\\' \
         AND {condition} ORDER BY name"
    );
    diesel::sql_query(query).load(connection).unwrap()
}

/// The comment above each `CREATE`, by the name of what is made.
fn comments() -> BTreeMap<String, String> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("migrations/sqlite");
    let mut migrations: Vec<_> = fs::read_dir(folder).unwrap().map(|it| it.unwrap().path()).collect();
    migrations.sort();
    let mut comments = BTreeMap::new();
    for migration in migrations {
        let mut above: Vec<String> = Vec::new();
        for line in fs::read_to_string(migration.join("up.sql")).unwrap().lines() {
            if let Some(comment) = line.strip_prefix("-- ") {
                above.push(comment.to_owned());
                continue;
            }
            let mut words = line.split_whitespace();
            if let (Some("CREATE"), Some("TABLE" | "VIEW" | "INDEX"), Some(name)) =
                (words.next(), words.next(), words.next())
                && !above.is_empty()
            {
                // A table that is made anew takes the old one's name.
                let name = name.strip_prefix("new_").unwrap_or(name);
                comments.insert(name.to_owned(), above.join(" "));
            }
            above.clear();
        }
    }
    comments
}

/// What stands behind a column in its table's text.
fn remark<'a>(sql: &'a str, column: &str) -> &'a str {
    let of_column = |line: &&str| line.split_whitespace().next() == Some(column);
    let line = sql.lines().find(of_column).unwrap_or_default();
    line.split_once("-- ").map_or("", |(_, remark)| remark.trim())
}

fn table(connection: &mut SqliteConnection, page: &mut String, table: &Object, comment: Option<&String>) {
    let name = &table.name;
    writeln!(page, "\n### `{name}`\n").unwrap();
    if let Some(comment) = comment {
        writeln!(page, "{comment}\n").unwrap();
    }
    writeln!(page, "| column | type | null | default | |\n|---|---|---|---|---|").unwrap();
    let columns: Vec<Column> = diesel::sql_query(format!(
        "SELECT name, type AS kind, \"notnull\" AS required, dflt_value AS default_value, pk AS key \
         FROM pragma_table_info('{name}') ORDER BY cid"
    ))
    .load(connection)
    .unwrap();
    for column in &columns {
        let null = if column.required == 0 { "yes" } else { "" };
        let default = column.default_value.as_deref().unwrap_or_default();
        let remark = remark(&table.sql, &column.name).replace('|', "\\|");
        writeln!(page, "| `{}` | {} | {null} | {default} | {remark} |", column.name, column.kind).unwrap();
    }
    writeln!(page).unwrap();
    let mut key: Vec<_> = columns.iter().filter(|column| column.key > 0).collect();
    key.sort_by_key(|column| column.key);
    let key: Vec<_> = key.iter().map(|column| format!("`{}`", column.name)).collect();
    writeln!(page, "- primary key: {}", key.join(", ")).unwrap();
    let unique: Vec<Unique> = diesel::sql_query(format!(
        "SELECT (SELECT group_concat('`' || name || '`', ', ') FROM pragma_index_info(list.name)) AS columns \
         FROM pragma_index_list('{name}') AS list WHERE origin = 'u' ORDER BY columns"
    ))
    .load(connection)
    .unwrap();
    for unique in unique {
        writeln!(page, "- unique: {}", unique.columns).unwrap();
    }
    let references: Vec<Reference> = diesel::sql_query(format!(
        "SELECT group_concat('`' || \"from\" || '`', ', ') AS columns, \"table\" AS target, \
             coalesce(group_concat('`' || \"to\" || '`', ', '), '') AS target_columns, on_delete \
         FROM (SELECT * FROM pragma_foreign_key_list('{name}') ORDER BY id, seq) GROUP BY id ORDER BY columns"
    ))
    .load(connection)
    .unwrap();
    for reference in references {
        let Reference { columns, target, target_columns, on_delete } = reference;
        let then = match on_delete.as_str() {
            "CASCADE" => "; goes with it",
            "SET NULL" => "; null when that goes",
            _ => "",
        };
        writeln!(page, "- {columns} → `{target}` ({target_columns}){then}").unwrap();
    }
}

fn page(connection: &mut SqliteConnection) -> String {
    let comments = comments();
    let mut page = String::from(HEAD);
    let sql = |page: &mut String, object: &Object| {
        if let Some(comment) = comments.get(&object.name) {
            writeln!(page, "{comment}\n").unwrap();
        }
        writeln!(page, "```sql\n{};\n```", object.sql).unwrap();
    };
    writeln!(page, "\n## Tables").unwrap();
    for object in objects(connection, "type = 'table'") {
        table(connection, &mut page, &object, comments.get(&object.name));
        let name = &object.name;
        for index in objects(connection, &format!("type = 'index' AND tbl_name = '{name}'")) {
            let text = index.sql.split_whitespace().collect::<Vec<_>>().join(" ");
            let on = text.split_once(" ON ").map_or(text.as_str(), |(_, on)| on);
            let on = on.split_once(' ').map_or(on, |(_, columns)| columns);
            writeln!(page, "- index `{}`: `{on}`", index.name).unwrap();
        }
        for trigger in objects(connection, &format!("type = 'trigger' AND tbl_name = '{name}'")) {
            writeln!(page, "- trigger `{}`", trigger.name).unwrap();
        }
    }
    writeln!(page, "\n## Views").unwrap();
    for object in objects(connection, "type = 'view'") {
        writeln!(page, "\n### `{}`\n", object.name).unwrap();
        sql(&mut page, &object);
    }
    page
}

#[test]
fn the_page_is_what_the_migrations_make() {
    let store = TestStore::new();
    let mut connection = SqliteConnection::establish(store.path().to_str().unwrap()).unwrap();
    let made = page(&mut connection);
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../docs/SCHEMA.md");
    if env::var_os("RESTRIKE_WRITE_DOCS").is_some() {
        fs::write(&path, &made).unwrap();
    }
    let written = fs::read_to_string(&path).unwrap_or_default().replace("\r\n", "\n");
    let differ = made.lines().zip(written.lines()).find(|(made, written)| made != written);
    assert!(
        made == written,
        "docs/SCHEMA.md is not what the migrations make; RESTRIKE_WRITE_DOCS=1 writes it anew; {differ:?}"
    );
}
