//! The columns of a segment.
//!
//! In: values of documents, as they come. Out: the file of columns. tantivy's own writer takes whole documents, into which
//! every value would be copied first, a kilobyte of memory for each row.

use std::io::{self, Write};

use tantivy::DocId;
use tantivy::columnar::{ColumnType, ColumnarWriter, NumericalValue};
use tantivy::schema::{Field, FieldType, Schema};

/// What goes into columns.
pub(super) struct Columns {
    /// By field; `None` where it has no column.
    names: Vec<Option<String>>,
    values: ColumnarWriter,
}

impl Columns {
    pub fn new(schema: &Schema) -> Self {
        let mut values = ColumnarWriter::default();
        let mut names = Vec::with_capacity(schema.num_fields());
        for (_, entry) in schema.fields() {
            // Those that `crate::record` has.
            let kind = match entry.field_type() {
                FieldType::Str(_) => ColumnType::Str,
                FieldType::I64(_) => ColumnType::I64,
                _ => ColumnType::U64,
            };
            let name = entry.is_fast().then(|| entry.name().to_owned());
            if let Some(name) = &name {
                // So that a column without values is one all the same.
                values.record_column_type(name, kind, false);
            }
            names.push(name);
        }
        Self { names, values }
    }

    /// A value of a document, which has no values of later ones yet.
    pub fn text(&mut self, doc: DocId, field: Field, value: &str) {
        let Self { names, values } = self;
        if let Some(Some(name)) = names.get(field.field_id() as usize) {
            values.record_str(doc, name, value);
        }
    }

    /// As [`Self::text`].
    pub fn number(&mut self, doc: DocId, field: Field, value: impl Into<NumericalValue>) {
        let Self { names, values } = self;
        if let Some(Some(name)) = names.get(field.field_id() as usize) {
            values.record_numerical(doc, name, value.into());
        }
    }

    /// Bytes of memory.
    pub fn memory(&self) -> usize {
        self.values.mem_usage()
    }

    /// Writes the columns of so many documents.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn write(mut self, docs: DocId, out: &mut dyn Write) -> io::Result<()> {
        self.values.serialize(docs, None, out)
    }
}
