//! One segment in the making.
//!
//! In: the values of documents, one document after the other. Out: the files of a segment. Words are logged as
//! numbers; where they stand follows from where their value begins.

use std::io;
use std::path::Path;

use tantivy::directory::TerminatingWrite;
use tantivy::fieldnorm::{FieldNormReaders, FieldNormsSerializer, FieldNormsWriter};
use tantivy::index::{Segment, SegmentComponent, SegmentMeta};
use tantivy::postings::InvertedIndexSerializer;
use tantivy::schema::{Field, Schema};
use tantivy::store::StoreWriter;
use tantivy::tokenizer::MAX_TOKEN_LEN;
use tantivy::{DocId, Index, Term};

use super::super::gap::GAP;
use super::super::stored::Document;
use super::columns::Columns;
use super::postings::{self, Place};
use super::spill::{self, Spills};
use super::terms::{Terms, Waiting};
use crate::record::Sink;
use crate::text::tokens::Words;

/// Words that are looked up at a time.
const AHEAD: usize = 64;

/// Words of one value that stand one after the other, or terms of one document that stand nowhere.
#[derive(Clone, Copy)]
pub(super) struct Run {
    /// Where it begins in the log.
    pub start: u32,
    pub doc: DocId,
    /// Where its first word stands.
    pub position: u32,
}

/// What the document at hand has in a field.
#[derive(Clone, Copy, Default)]
struct Here {
    /// From where the next value counts its positions.
    base: u32,
    words: u32,
}

/// One segment.
pub(super) struct Inverter {
    segment: Segment,
    schema: Schema,
    terms: Terms,
    log: Vec<u32>,
    runs: Vec<Run>,
    /// The lists of documents that are no longer in the log.
    spills: Spills,
    /// Words in each field.
    totals: Vec<u64>,
    here: Vec<Here>,
    /// True where the last run takes terms that stand nowhere.
    loose: bool,
    indexed: Vec<bool>,
    waiting: Waiting,
    /// Memory in which words are folded.
    folded: String,
    norms: FieldNormsWriter,
    columns: Columns,
    store: StoreWriter,
    /// What the document at hand has in the store.
    document: Document,
    docs: DocId,
}

impl Inverter {
    /// Begins a segment.
    ///
    /// # Errors
    /// Where its files cannot be made.
    pub fn new(index: &Index) -> tantivy::Result<Self> {
        let segment = index.new_segment();
        let schema = index.schema();
        let settings = index.settings();
        let fields = schema.num_fields();
        let store = StoreWriter::new(
            segment.open_write(SegmentComponent::Store)?,
            settings.docstore_compression,
            settings.docstore_blocksize,
            false,
        )?;
        Ok(Self {
            terms: Terms::new(),
            log: Vec::new(),
            runs: Vec::new(),
            spills: Spills::default(),
            totals: vec![0; fields],
            here: vec![Here::default(); fields],
            loose: false,
            waiting: Waiting::default(),
            folded: String::new(),
            indexed: schema.fields().map(|(_, f)| f.is_indexed()).collect(),
            norms: FieldNormsWriter::for_schema(&schema),
            columns: Columns::new(&schema),
            store,
            document: Document::default(),
            docs: 0,
            segment,
            schema,
        })
    }

    /// Ends the document at hand.
    ///
    /// # Errors
    /// Where the store cannot be written.
    pub fn end_document(&mut self) -> tantivy::Result<()> {
        self.store.store_bytes(self.document.take())?;
        for (number, here) in (0u32..).zip(&mut self.here) {
            let here = std::mem::take(here);
            if here.words > 0 {
                // Fields without norms are passed over.
                let field = Field::from_field_id(number);
                self.norms.record(self.docs, field, here.words);
            }
        }
        self.loose = false;
        self.docs += 1;
        Ok(())
    }

    /// Bytes of memory that [`Self::spill`] frees.
    pub fn loose_memory(&self) -> usize {
        self.log.len() * size_of::<u32>() + self.runs.len() * size_of::<Run>() + self.terms.memory()
    }

    /// Bytes of memory that only the end of the segment frees.
    pub fn kept_memory(&self) -> usize {
        self.columns.memory() + self.store.mem_usage()
    }

    /// Puts the words of all documents so far aside, on the disk of `dir`; `places` is memory to sort them in.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn spill(&mut self, dir: &Path, places: &mut Vec<Place>) -> io::Result<()> {
        let slots = self.put_aside(dir, places)?;
        // Their memory stays for the documents that follow: asked for anew, each page of it would be cleared again.
        self.terms.reopen(slots);
        self.log.clear();
        self.runs.clear();
        Ok(())
    }

    /// Puts all words aside, after which none is looked up; how many slots those had.
    fn put_aside(&mut self, dir: &Path, places: &mut Vec<Place>) -> io::Result<usize> {
        self.log();
        let slots = self.terms.close();
        let content = postings::Content {
            terms: &self.terms,
            log: &self.log,
            runs: &self.runs,
            totals: &self.totals,
        };
        self.spills.add(&content, &self.schema, dir, places)?;
        Ok(slots)
    }

    /// Puts the rest aside where the words before it are, as [`Self::finish`] needs it.
    ///
    /// # Errors
    /// Where the file cannot be written.
    pub fn spill_rest(&mut self, dir: &Path) -> io::Result<()> {
        if self.spills.is_empty() {
            return Ok(());
        }
        if !self.runs.is_empty() {
            self.put_aside(dir, &mut Vec::new())?;
        }
        // What was put aside is read again without it.
        self.terms = Terms::new();
        self.log = Vec::new();
        self.runs = Vec::new();
        Ok(())
    }

    /// Writes the segment, of which words are put aside all or none.
    ///
    /// # Errors
    /// Where a file cannot be written.
    pub fn finish(mut self) -> tantivy::Result<SegmentMeta> {
        self.log();
        self.terms.close();
        self.store.close()?;
        let mut columns = self.segment.open_write(SegmentComponent::FastFields)?;
        self.columns.write(self.docs, &mut columns)?;
        columns.terminate()?;
        self.norms.fill_up_to_max_doc(self.docs);
        let file = self.segment.open_write(SegmentComponent::FieldNorms)?;
        self.norms
            .serialize(FieldNormsSerializer::from_write(file)?, None)?;
        let norms = self.segment.open_read(SegmentComponent::FieldNorms)?;
        let norms = FieldNormReaders::open(norms)?;
        let mut serializer = InvertedIndexSerializer::open(&self.segment)?;
        if self.spills.is_empty() {
            let content = postings::Content {
                terms: &self.terms,
                log: &self.log,
                runs: &self.runs,
                totals: &self.totals,
            };
            postings::write(&content, &self.schema, &norms, &mut serializer)?;
        } else {
            let (spills, totals) = (&self.spills, &self.totals);
            spill::merge(spills, totals, &self.schema, &norms, &mut serializer)?;
        }
        serializer.close()?;
        let segment = self.segment.with_max_doc(self.docs);
        segment.meta().untrack_temp_docstore();
        Ok(segment.meta().clone())
    }

    fn run(&mut self, position: u32) {
        self.runs.push(Run {
            start: self.logged() as u32,
            doc: self.docs,
            position,
        });
    }

    /// Words in the log and on their way there.
    fn logged(&self) -> usize {
        self.log.len() + self.waiting.len()
    }

    /// Logs the words that wait.
    fn log(&mut self) {
        self.log.reserve(AHEAD);
        self.terms.numbers(&mut self.waiting, &mut self.log);
    }

    /// Takes a word or term, to be logged with others of any field and document.
    fn push(&mut self, field: u16, term: &[u8]) {
        if self.waiting.push(field, term) == AHEAD {
            self.log();
        }
    }

    /// A term that stands nowhere.
    fn loose(&mut self, field: Field, term: &[u8]) {
        if !std::mem::replace(&mut self.loose, true) {
            self.run(0);
        }
        self.push(field.field_id() as u16, term);
        self.count(field, 1);
    }

    fn count(&mut self, field: Field, words: u32) {
        let field = field.field_id() as usize;
        if let (Some(total), Some(here)) = (self.totals.get_mut(field), self.here.get_mut(field)) {
            *total += u64::from(words);
            here.words += words;
        }
    }

    fn is_indexed(&self, field: Field) -> bool {
        self.indexed
            .get(field.field_id() as usize)
            .is_some_and(|is| *is)
    }
}

impl Sink for Inverter {
    fn words(&mut self, field: Field, pieces: &[&str]) -> u64 {
        let at = field.field_id() as usize;
        let base = self.here.get(at).map_or(0, |here| here.base);
        self.loose = false;
        self.run(base + GAP as u32);
        let before = self.logged();
        for piece in pieces {
            let mut words = Words::within(piece, std::mem::take(&mut self.folded));
            while let Some(word) = words.next() {
                self.push(at as u16, word.text.as_bytes());
            }
            self.folded = words.memory();
        }
        let count = (self.logged() - before) as u32;
        self.count(field, count);
        if let Some(here) = self.here.get_mut(at) {
            // As tantivy counts: a place more after each value, also after an empty one.
            here.base = match count {
                0 => base + 1,
                _ => base + GAP as u32 + count + 1,
            };
        }
        u64::from(count)
    }

    fn term(&mut self, field: Field, term: &str) {
        // As in tantivy: what is longer is no word of anybody's.
        if term.len() <= MAX_TOKEN_LEN {
            self.loose(field, term.as_bytes());
        }
    }

    fn number(&mut self, field: Field, value: u64) {
        self.columns.number(self.docs, field, value);
        if self.is_indexed(field) {
            let term = Term::from_field_u64(field, value);
            self.loose(field, term.serialized_value_bytes());
        }
    }

    fn signed(&mut self, field: Field, value: i64) {
        self.columns.number(self.docs, field, value);
        if self.is_indexed(field) {
            let term = Term::from_field_i64(field, value);
            self.loose(field, term.serialized_value_bytes());
        }
    }

    fn column(&mut self, field: Field, value: &str) {
        self.columns.text(self.docs, field, value);
    }

    fn stored(&mut self, field: Field, bytes: &[u8]) {
        self.document.add(field, bytes);
    }
}
