//! Statements that are put together piece by piece, with their values kept apart from their text.

use diesel::{
    prelude::*,
    query_builder::BoxedSqlQuery,
    sql_types::{BigInt, Text},
    sqlite::Sqlite,
};

/// A statement in the making. Texts of it are ours; whatever comes from outside is bound.
#[derive(Clone, Debug, Default)]
pub(super) struct Sql {
    text: String,
    values: Vec<Value>,
}

#[derive(Clone, Debug)]
enum Value {
    Number(i64),
    Text(String),
}

impl Sql {
    pub(super) fn new(text: &str) -> Self {
        Self { text: text.to_owned(), values: Vec::new() }
    }

    /// Adds a piece of our own.
    pub(super) fn push(&mut self, text: &str) -> &mut Self {
        self.text.push_str(text);
        self
    }

    /// Adds a number.
    pub(super) fn number(&mut self, value: i64) -> &mut Self {
        self.text.push('?');
        self.values.push(Value::Number(value));
        self
    }

    /// Adds a text.
    pub(super) fn text(&mut self, value: &str) -> &mut Self {
        self.text.push('?');
        self.values.push(Value::Text(value.to_owned()));
        self
    }

    /// Adds a list of numbers in brackets.
    pub(super) fn numbers(&mut self, values: impl IntoIterator<Item = i64>) -> &mut Self {
        self.list(values, |sql, value| {
            sql.number(value);
        })
    }

    /// Adds a list of texts in brackets.
    pub(super) fn texts<'a>(&mut self, values: impl IntoIterator<Item = &'a str>) -> &mut Self {
        self.list(values, |sql, value| {
            sql.text(value);
        })
    }

    /// Adds another statement.
    pub(super) fn append(&mut self, other: Self) -> &mut Self {
        self.text.push_str(&other.text);
        self.values.extend(other.values);
        self
    }

    fn list<T>(&mut self, values: impl IntoIterator<Item = T>, add: impl Fn(&mut Self, T)) -> &mut Self {
        self.push("(");
        for (place, value) in values.into_iter().enumerate() {
            if place > 0 {
                self.push(", ");
            }
            add(self, value);
        }
        self.push(")")
    }

    /// Runs it.
    pub(super) fn load<Row>(self, connection: &mut SqliteConnection) -> QueryResult<Vec<Row>>
    where
        Row: QueryableByName<Sqlite> + 'static,
    {
        self.boxed().load(connection)
    }

    /// The number that it gives.
    pub(super) fn count(self, connection: &mut SqliteConnection) -> QueryResult<u64> {
        let count: Count = self.boxed().get_result(connection)?;
        Ok(count.count.unsigned_abs())
    }

    fn boxed(self) -> BoxedSqlQuery<'static, Sqlite, diesel::query_builder::SqlQuery> {
        let mut query = diesel::sql_query(self.text).into_boxed();
        for value in self.values {
            query = match value {
                Value::Number(value) => query.bind::<BigInt, _>(value),
                Value::Text(value) => query.bind::<Text, _>(value),
            };
        }
        query
    }
}

#[derive(QueryableByName)]
struct Count {
    #[diesel(sql_type = BigInt)]
    count: i64,
}

/// Whether a column holds a text: byte by byte, with `a` to `z` taken for `A` to `Z`, whatever else is in it.
pub(super) fn holds(column: &str, text: &str) -> Sql {
    let mut condition = Sql::new(&format!("instr(CAST(lower(CAST({column} AS TEXT)) AS BLOB), CAST(lower("));
    condition.text(text).push(") AS BLOB)) > 0");
    condition
}
