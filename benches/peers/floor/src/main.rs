//! The least program that indexes and searches a blog with tantivy.
//!
//! Five text fields, all stored, as tantivy's own examples have it; pages are read with seven selectors of `scraper`.
//! No extraction beyond that: no track rows, no comments as records, no artists, no evidence. What deepcut takes
//! longer than this, its features cost; what it takes less, its design saves.
//!
//! ```text
//! floor html DIR INDEX          index the pages of a folder
//! floor jsonl FILE INDEX        index a post a line
//! floor queries INDEX FILE N    time queries ("class<TAB>text" a line), N rounds, as JSON
//! floor one INDEX QUERY         one query, its first ten posts with snippets
//! floor update INDEX            one post changed, committed and searchable: seconds
//! ```

use std::collections::BTreeMap;
use std::error::Error;
use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::time::Instant;

use rayon::prelude::*;
use scraper::{Html, Selector};
use tantivy::collector::{Count, TopDocs};
use tantivy::query::{BooleanQuery, BoostQuery, FuzzyTermQuery, Occur, Query, QueryParser};
use tantivy::schema::{Field, STORED, STRING, Schema, TEXT, Value};
use tantivy::snippet::SnippetGenerator;
use tantivy::{Index, IndexWriter, Searcher, TantivyDocument, Term, doc};

type Outcome<T> = Result<T, Box<dyn Error + Send + Sync>>;

const HEAP: usize = 512 << 20;

#[derive(Clone, Copy)]
struct Fields {
    url: Field,
    title: Field,
    tags: Field,
    tracks: Field,
    body: Field,
    comments: Field,
}

fn schema() -> (Schema, Fields) {
    let mut schema = Schema::builder();
    let fields = Fields {
        url: schema.add_text_field("url", STRING | STORED),
        title: schema.add_text_field("title", TEXT | STORED),
        tags: schema.add_text_field("tags", TEXT | STORED),
        tracks: schema.add_text_field("tracks", TEXT | STORED),
        body: schema.add_text_field("body", TEXT | STORED),
        comments: schema.add_text_field("comments", TEXT | STORED),
    };
    (schema.build(), fields)
}

impl Fields {
    fn of(index: &Index) -> Outcome<Self> {
        let schema = index.schema();
        let field = |name| schema.get_field(name);
        Ok(Self {
            url: field("url")?,
            title: field("title")?,
            tags: field("tags")?,
            tracks: field("tracks")?,
            body: field("body")?,
            comments: field("comments")?,
        })
    }

    fn texts(self) -> [Field; 5] {
        [self.title, self.tags, self.tracks, self.body, self.comments]
    }
}

fn fresh(dir: &Path) -> Outcome<(Index, Fields, IndexWriter)> {
    let (schema, fields) = schema();
    std::fs::create_dir_all(dir)?;
    let index = Index::create_in_dir(dir, schema)?;
    let threads = std::thread::available_parallelism()?.get().min(8);
    let writer = index.writer_with_num_threads(threads, HEAP)?;
    Ok((index, fields, writer))
}

fn finish(mut writer: IndexWriter) -> Outcome<()> {
    writer.commit()?;
    writer.wait_merging_threads()?;
    Ok(())
}

struct Selectors([Selector; 7]);

impl Selectors {
    fn new() -> Outcome<Self> {
        let of = |text: &str| Selector::parse(text).map_err(|e| e.to_string());
        Ok(Self([
            of("link[rel=canonical]")?,
            of("h1.entry-title, h2.entry-title, h3.post-title, h1, h2")?,
            of(".entry-content p, .post-body p, .content p")?,
            of("li, td")?,
            of("a[rel~=tag]")?,
            of(".comment p, .comment-content p, .comment-body p")?,
            of("time, .date, .entry-date")?,
        ]))
    }

    fn read(&self, bytes: &[u8], f: Fields) -> TantivyDocument {
        let text = String::from_utf8_lossy(bytes);
        let page = Html::parse_document(&text);
        let all = |s: &Selector| {
            let mut out = String::new();
            for node in page.select(s) {
                for part in node.text() {
                    out.push_str(part);
                }
                out.push('\n');
            }
            out
        };
        let [canonical, title, body, rows, tags, comments, date] = &self.0;
        let url = page
            .select(canonical)
            .next()
            .and_then(|n| n.attr("href"))
            .unwrap_or_default();
        let title = page
            .select(title)
            .next()
            .map(|n| n.text().collect::<String>())
            .unwrap_or_default();
        doc!(
            f.url => url,
            f.title => title,
            f.tags => all(tags),
            f.tracks => all(rows),
            f.body => format!("{}{}", all(date), all(body)),
            f.comments => all(comments),
        )
    }
}

fn html(dir: &Path, index: &Path) -> Outcome<()> {
    let (_, fields, writer) = fresh(index)?;
    let selectors = Selectors::new()?;
    walkdir::WalkDir::new(dir)
        .into_iter()
        .filter_map(Result::ok)
        .filter(|e| e.path().extension().is_some_and(|x| x == "html"))
        .par_bridge()
        .try_for_each(|entry| -> Outcome<()> {
            let bytes = std::fs::read(entry.path())?;
            writer.add_document(selectors.read(&bytes, fields))?;
            Ok(())
        })?;
    finish(writer)
}

fn line(text: &str, f: Fields) -> Outcome<TantivyDocument> {
    let post: serde_json::Value = serde_json::from_str(text)?;
    let said = |key: &str| post[key].as_str().unwrap_or_default();
    let mut out = TantivyDocument::new();
    out.add_text(f.url, said("url"));
    out.add_text(f.title, said("title"));
    out.add_text(f.body, said("body"));
    for tag in post["tags"].as_array().into_iter().flatten() {
        out.add_text(f.tags, tag.as_str().unwrap_or_default());
    }
    for list in post["tracklists"].as_array().into_iter().flatten() {
        for row in list["tracks"].as_array().into_iter().flatten() {
            let artist = row["artist"].as_str().unwrap_or_default();
            let title = row["title"].as_str().unwrap_or_default();
            out.add_text(f.tracks, format!("{artist} {title}"));
        }
    }
    for comment in post["comments"].as_array().into_iter().flatten() {
        let author = comment["author"].as_str().unwrap_or_default();
        let text = comment["text"].as_str().unwrap_or_default();
        out.add_text(f.comments, format!("{author} {text}"));
    }
    Ok(out)
}

fn jsonl(file: &Path, index: &Path) -> Outcome<()> {
    let (_, fields, writer) = fresh(index)?;
    let lines = BufReader::with_capacity(1 << 20, std::fs::File::open(file)?).lines();
    lines.par_bridge().try_for_each(|text| -> Outcome<()> {
        writer.add_document(line(&text?, fields)?)?;
        Ok(())
    })?;
    finish(writer)
}

/// The query as tantivy's own parser reads it over the five fields, the title weighing three times; a word with `~1`
/// and a word with `*`, which it does not read, as the queries that tantivy has for them.
fn read_query(index: &Index, f: Fields, class: &str, text: &str) -> Outcome<Box<dyn Query>> {
    let every = |make: &dyn Fn(Field) -> Box<dyn Query>| -> Box<dyn Query> {
        let parts = f.texts().map(|field| {
            let query = make(field);
            let weighed: Box<dyn Query> = match field == f.title {
                true => Box::new(BoostQuery::new(query, 3.0)),
                false => query,
            };
            (Occur::Should, weighed)
        });
        Box::new(BooleanQuery::new(Vec::from(parts)))
    };
    Ok(match class {
        "corrected" => {
            let word = text.to_lowercase();
            every(&|field| {
                Box::new(FuzzyTermQuery::new(
                    Term::from_field_text(field, &word),
                    1,
                    true,
                ))
            })
        }
        "prefix" => {
            let word = text.trim_end_matches('*').to_lowercase();
            every(&|field| {
                Box::new(FuzzyTermQuery::new_prefix(
                    Term::from_field_text(field, &word),
                    0,
                    true,
                ))
            })
        }
        _ => {
            let mut parser = QueryParser::for_index(index, f.texts().to_vec());
            parser.set_field_boost(f.title, 3.0);
            if class != "or" {
                parser.set_conjunction_by_default();
            }
            parser.parse_query(text)?
        }
    })
}

/// The first ten posts, with a snippet of the body for each.
fn snippets(searcher: &Searcher, f: Fields, query: &dyn Query) -> Outcome<Vec<(String, String)>> {
    let top = searcher.search(query, &TopDocs::with_limit(10).order_by_score())?;
    let generator = SnippetGenerator::create(searcher, query, f.body)?;
    let mut out = Vec::new();
    for (_, address) in top {
        let post: TantivyDocument = searcher.doc(address)?;
        let title = post.get_first(f.title).and_then(|v| v.as_str());
        let snippet = generator.snippet_from_doc(&post);
        out.push((title.unwrap_or_default().to_owned(), snippet.to_html()));
    }
    Ok(out)
}

fn percentile(sorted: &[f64], share: f64) -> f64 {
    let at = ((sorted.len() as f64 * share).ceil() as usize).saturating_sub(1);
    sorted.get(at).copied().unwrap_or_default()
}

fn coprime(a: usize, b: usize) -> bool {
    if b == 0 { a == 1 } else { coprime(b, a % b) }
}

fn queries(dir: &Path, file: &Path, rounds: usize) -> Outcome<()> {
    let index = Index::open_in_dir(dir)?;
    let fields = Fields::of(&index)?;
    let searcher = index.reader()?.searcher();
    let text = std::fs::read_to_string(file)?;
    let mut asked: Vec<(&str, Box<dyn Query>)> = Vec::new();
    for (class, text) in text.lines().filter_map(|line| line.split_once('\t')) {
        asked.push((class, read_query(&index, fields, class, text)?));
    }
    let mut classes: BTreeMap<String, [Vec<f64>; 2]> = BTreeMap::new();
    // As `deepcut bench` asks: all of them once a round, each round in another order, and every time counts. What was asked
    // a moment ago is not asked again at once. The first round warms up.
    for round in 0..=rounds {
        let step = (0..)
            .map(|n| 61 + 2 * (round + n))
            .find(|s| coprime(*s, asked.len()));
        for at in 0..asked.len() {
            let (class, query) = &asked[at * step.unwrap_or(1) % asked.len()];
            let start = Instant::now();
            searcher.search(&**query, &TopDocs::with_limit(10).order_by_score())?;
            let plain = start.elapsed().as_secs_f64() * 1e6;
            let start = Instant::now();
            snippets(&searcher, fields, &**query)?;
            let whole = start.elapsed().as_secs_f64() * 1e6;
            if round > 0 {
                let times = classes.entry((*class).to_owned()).or_default();
                times[0].push(plain);
                times[1].push(whole);
            }
        }
    }
    let told: serde_json::Map<_, _> = classes
        .into_iter()
        .map(|(class, mut times)| {
            for all in &mut times {
                all.sort_by(f64::total_cmp);
            }
            let [plain, whole] = &times;
            let value = serde_json::json!({
                "queries": plain.len() / rounds.max(1),
                "p50_us": percentile(plain, 0.5),
                "p99_us": percentile(plain, 0.99),
                "snippets_p50_us": percentile(whole, 0.5),
                "snippets_p99_us": percentile(whole, 0.99),
            });
            (class, value)
        })
        .collect();
    println!("{}", serde_json::Value::Object(told));
    Ok(())
}

fn one(dir: &Path, text: &str) -> Outcome<()> {
    let index = Index::open_in_dir(dir)?;
    let fields = Fields::of(&index)?;
    let searcher = index.reader()?.searcher();
    let query = read_query(&index, fields, "and", text)?;
    let total = searcher.search(&*query, &Count)?;
    let mut out = std::io::stdout().lock();
    writeln!(out, "{total} posts")?;
    for (title, snippet) in snippets(&searcher, fields, &*query)? {
        writeln!(out, "{title}\n  {snippet}")?;
    }
    Ok(())
}

fn update(dir: &Path) -> Outcome<()> {
    let index = Index::open_in_dir(dir)?;
    let fields = Fields::of(&index)?;
    let reader = index.reader()?;
    let mut writer: IndexWriter = index.writer_with_num_threads(1, HEAP)?;
    let url = "https://changed.example/post";
    let start = Instant::now();
    writer.delete_term(Term::from_field_text(fields.url, url));
    writer.add_document(doc!(
        fields.url => url,
        fields.title => "A changed post",
        fields.body => "One more paragraph about the second side of the record.",
    ))?;
    writer.commit()?;
    reader.reload()?;
    println!("{:.6}", start.elapsed().as_secs_f64());
    Ok(())
}

fn main() -> Outcome<()> {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let words: Vec<&str> = arguments.iter().map(String::as_str).collect();
    match words[..] {
        ["html", dir, index] => html(Path::new(dir), Path::new(index)),
        ["jsonl", file, index] => jsonl(Path::new(file), Path::new(index)),
        ["queries", index, file, rounds] => {
            queries(Path::new(index), Path::new(file), rounds.parse()?)
        }
        ["one", index, text] => one(Path::new(index), text),
        ["update", index] => update(Path::new(index)),
        _ => Err("floor html|jsonl|queries|one|update …: see the head of main.rs".into()),
    }
}
