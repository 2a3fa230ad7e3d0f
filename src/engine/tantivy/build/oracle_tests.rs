//! Segments are the same as tantivy makes of the same documents.

use std::collections::BTreeMap;
use std::path::Path;

use tantivy::columnar::DynamicColumn;
use tantivy::postings::Postings;
use tantivy::schema::{Field, IndexRecordOption, Schema, Value};
use tantivy::tokenizer::{TextAnalyzer, Token, TokenStream, Tokenizer};
use tantivy::{DocSet, Index, IndexWriter, SegmentReader, TERMINATED, TantivyDocument};

use super::super::gap::GAP;
use super::inverter::Inverter;
use crate::record::{self, Sink};
use crate::text::tokens::{self, tokens};

/// The words of deepcut as tantivy asks for them.
#[derive(Clone)]
struct Words;

struct Stream(std::vec::IntoIter<tokens::Token>, Token);

impl Tokenizer for Words {
    type TokenStream<'a> = Stream;

    fn token_stream<'a>(&'a mut self, text: &'a str) -> Stream {
        let token = Token {
            position: GAP.wrapping_sub(1),
            ..Token::default()
        };
        Stream(tokens(text).into_iter(), token)
    }
}

impl TokenStream for Stream {
    fn advance(&mut self) -> bool {
        let Some(token) = self.0.next() else {
            return false;
        };
        self.1.text = token.text;
        self.1.position = self.1.position.wrapping_add(1);
        self.1.position_length = 1;
        true
    }

    fn token(&self) -> &Token {
        &self.1
    }

    fn token_mut(&mut self) -> &mut Token {
        &mut self.1
    }
}

/// A document for tantivy's own writer.
#[derive(Default)]
struct Plain(TantivyDocument);

impl Sink for Plain {
    fn words(&mut self, field: Field, pieces: &[&str]) -> u64 {
        let text = pieces.join(" ");
        self.0.add_text(field, &text);
        tokens(&text).len() as u64
    }

    fn term(&mut self, field: Field, term: &str) {
        self.0.add_text(field, term);
    }

    fn number(&mut self, field: Field, value: u64) {
        self.0.add_u64(field, value);
    }

    fn signed(&mut self, field: Field, value: i64) {
        self.0.add_i64(field, value);
    }

    fn column(&mut self, field: Field, value: &str) {
        self.0.add_text(field, value);
    }

    fn stored(&mut self, field: Field, bytes: &[u8]) {
        self.0.add_bytes(field, bytes);
    }
}

/// One value of a document.
#[derive(Clone, Debug)]
enum Put {
    Words(usize, Vec<String>),
    Term(usize, String),
    Number(usize, u64),
    Signed(i64),
    Column(usize, String),
    Stored(Vec<u8>),
}

fn put(values: &[Put], schema: &Schema, sink: &mut impl Sink) -> Vec<u64> {
    let fields = |wanted: &[&str], nth: usize| {
        let name = wanted[nth % wanted.len()];
        schema.get_field(name).unwrap()
    };
    let mut counts = Vec::new();
    for value in values {
        match value {
            Put::Words(nth, pieces) => {
                let pieces: Vec<&str> = pieces.iter().map(String::as_str).collect();
                let field = fields(&["everything", "title", "names", "tag"], *nth);
                counts.push(sink.words(field, &pieces));
            }
            Put::Term(nth, term) => {
                sink.term(fields(&["artist_key", "lang", "ambiguous"], *nth), term)
            }
            Put::Number(nth, number) => {
                sink.number(
                    fields(&["id", "prose", "tracks", "comments"], *nth),
                    *number,
                );
            }
            Put::Signed(number) => sink.signed(fields(&["date"], 0), *number),
            Put::Column(nth, text) => {
                sink.column(fields(&["artist_facet", "tag_facet"], *nth), text)
            }
            Put::Stored(bytes) => sink.stored(fields(&["blob"], 0), bytes),
        }
    }
    counts
}

/// Everything that can be asked of a segment.
fn content(segment: &SegmentReader) -> BTreeMap<String, String> {
    let schema = segment.schema();
    let mut all = BTreeMap::new();
    for (field, entry) in schema.fields() {
        let name = entry.name();
        if entry.is_indexed() {
            let inverted = segment.inverted_index(field).unwrap();
            let mut told = format!("{} words", inverted.total_num_tokens());
            let mut terms = inverted.terms().stream().unwrap();
            while terms.advance() {
                told += &format!("\n{:?} {}:", terms.key(), terms.value().doc_freq);
                let option = IndexRecordOption::WithFreqsAndPositions;
                let info = terms.value();
                let mut postings = inverted.read_postings_from_terminfo(info, option).unwrap();
                while postings.doc() != TERMINATED {
                    let mut places = Vec::new();
                    postings.positions(&mut places);
                    told += &format!(" {} {} {places:?}", postings.doc(), postings.term_freq());
                    postings.advance();
                }
            }
            if let Ok(norms) = segment.get_fieldnorms_reader(field) {
                let norms: Vec<u8> = (0..segment.max_doc())
                    .map(|d| norms.fieldnorm_id(d))
                    .collect();
                told += &format!("\n{norms:?}");
            }
            all.insert(format!("{name}, terms"), told);
        }
        if entry.is_fast() {
            let columns = segment.fast_fields().dynamic_column_handles(name).unwrap();
            let told: Vec<String> = columns
                .iter()
                .map(|handle| match handle.open().unwrap() {
                    DynamicColumn::U64(c) => {
                        of_docs(segment, |d| c.values_for_doc(d).collect::<Vec<_>>())
                    }
                    DynamicColumn::I64(c) => {
                        of_docs(segment, |d| c.values_for_doc(d).collect::<Vec<_>>())
                    }
                    DynamicColumn::Str(c) => of_docs(segment, |d| {
                        let text = |ord| {
                            let mut text = String::new();
                            c.ord_to_str(ord, &mut text).unwrap();
                            text
                        };
                        c.term_ords(d).map(text).collect::<Vec<_>>()
                    }),
                    other => panic!("{other:?}"),
                })
                .collect();
            all.insert(format!("{name}, column"), told.join("\n"));
        }
    }
    let store = segment.get_store_reader(1).unwrap();
    let blob = schema.get_field("blob").unwrap();
    let stored = of_docs(segment, |doc| {
        let document: TantivyDocument = store.get(doc).unwrap();
        let values = document.get_all(blob);
        values
            .map(|v| v.as_bytes().unwrap().to_vec())
            .collect::<Vec<_>>()
    });
    all.insert("store".into(), stored);
    all
}

fn of_docs<T: std::fmt::Debug>(segment: &SegmentReader, of: impl Fn(u32) -> T) -> String {
    format!("{:?}", (0..segment.max_doc()).map(of).collect::<Vec<T>>())
}

fn only_segment(index: &Index) -> SegmentReader {
    let searcher = index.reader().unwrap().searcher();
    let [segment] = searcher.segment_readers() else {
        panic!("{} segments", searcher.segment_readers().len());
    };
    segment.clone()
}

fn agree(documents: &[Vec<Put>]) {
    let (schema, _) = record::posts_schema();
    let theirs = Index::create_in_ram(schema.clone());
    let words = TextAnalyzer::from(Words);
    theirs.tokenizers().register(record::ANALYZER, words);
    let mut writer: IndexWriter = theirs.writer_with_num_threads(1, 15 << 20).unwrap();
    let mut counts = Vec::new();
    for values in documents {
        let mut document = Plain::default();
        counts.push(put(values, &schema, &mut document));
        writer.add_document(document.0).unwrap();
    }
    writer.commit().unwrap();
    let theirs = content(&only_segment(&theirs));
    // All words in memory, and put aside after so many documents.
    for aside in [usize::MAX, 1, 4, 150] {
        let ours = Index::create_in_ram(schema.clone());
        let mut writer: IndexWriter = ours.writer_with_num_threads(1, 15 << 20).unwrap();
        let dir = tempfile::tempdir().unwrap();
        let mut inverter = Inverter::new(&ours).unwrap();
        let mut places = Vec::new();
        for (nth, (values, counts)) in (1..).zip(documents.iter().zip(&counts)) {
            assert_eq!(&put(values, &schema, &mut inverter), counts);
            inverter.end_document().unwrap();
            if nth % aside == 0 {
                inverter.spill(dir.path(), &mut places).unwrap();
                assert_eq!(inverter.loose_memory(), inverter_of_nothing(&schema));
            }
        }
        inverter.spill_rest(dir.path()).unwrap();
        assert!(open_files(dir.path()) <= 1, "put aside after {aside}");
        let segment = inverter.finish().unwrap();
        writer.add_segment(segment).unwrap();
        writer.commit().unwrap();
        assert_eq!(std::fs::read_dir(dir.path()).unwrap().count(), 0);
        let ours = content(&only_segment(&ours));
        assert_eq!(ours.len(), theirs.len());
        for (what, theirs) in &theirs {
            assert_eq!(&ours[what], theirs, "{what}, put aside after {aside}");
        }
    }
}

/// Open files of a folder, where the system tells.
fn open_files(dir: &Path) -> usize {
    let Ok(open) = std::fs::read_dir("/proc/self/fd") else {
        return 0;
    };
    let links = open.filter_map(|entry| std::fs::read_link(entry.ok()?.path()).ok());
    links.filter(|link| link.starts_with(dir)).count()
}

/// Bytes of memory that words take where there are none.
fn inverter_of_nothing(schema: &Schema) -> usize {
    let index = Index::create_in_ram(schema.clone());
    Inverter::new(&index).unwrap().loose_memory()
}

mod properties {
    use proptest::collection::vec;
    use proptest::prelude::*;

    use super::{Put, agree};

    fn value() -> impl Strategy<Value = Put> {
        let word = "[ab]{1,3}|[a-c]{15,18}|Ünder|少女時代|R\\.E\\.M\\.|-";
        let text = || vec(word, 0..8).prop_map(|words| words.join(" "));
        prop_oneof![
            6 => (0usize..9, vec(text(), 0..4)).prop_map(|(n, t)| Put::Words(n, t)),
            3 => (0usize..9, "[ab]{0,3}|[a-c]{15,40}").prop_map(|(n, t)| Put::Term(n, t)),
            1 => Just(Put::Term(0, "x".repeat(70_000))),
            2 => (0usize..9, prop_oneof![0u64..4, any::<u64>()]).prop_map(|(n, v)| Put::Number(n, v)),
            1 => prop_oneof![-4i64..4, any::<i64>()].prop_map(Put::Signed),
            2 => (0usize..9, "[ab]{0,3}").prop_map(|(n, t)| Put::Column(n, t)),
            1 => vec(any::<u8>(), 0..9).prop_map(Put::Stored),
        ]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(64))]

        #[test]
        fn segments_are_those_of_tantivy(documents in vec(vec(value(), 0..12), 1..12)) {
            agree(&documents);
        }
    }
}

#[test]
fn long_lists_are_those_of_tantivy() {
    // Blocks of 128 documents and of 128 positions, and documents of very different lengths.
    let mut documents = Vec::new();
    for n in 0..700usize {
        let often = "a ".repeat(n % 150);
        let rare = format!("b{} c", n % 300);
        documents.push(vec![
            Put::Words(0, vec![often, rare.clone()]),
            Put::Words(1, vec![rare]),
            Put::Number(0, n as u64),
            Put::Term(0, format!("key {}", n % 200)),
        ]);
    }
    agree(&documents);
}
