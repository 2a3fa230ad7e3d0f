// The same job in Lucene: five stored text fields, positions, two threads.
//
//   java Lucene index FILE DIR THREADS     a post a line, its fields parted by U+0001: url, title, tags, tracks, body, comments
//   java Lucene count DIR FILE             how many posts have each word of FILE in the body

import java.io.BufferedReader;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Paths;
import java.util.concurrent.ArrayBlockingQueue;

import org.apache.lucene.analysis.standard.StandardAnalyzer;
import org.apache.lucene.document.Document;
import org.apache.lucene.document.Field;
import org.apache.lucene.document.StringField;
import org.apache.lucene.document.TextField;
import org.apache.lucene.index.DirectoryReader;
import org.apache.lucene.index.IndexWriter;
import org.apache.lucene.index.IndexWriterConfig;
import org.apache.lucene.index.Term;
import org.apache.lucene.search.IndexSearcher;
import org.apache.lucene.search.TermQuery;
import org.apache.lucene.store.FSDirectory;

public class Lucene {
    static final String[] FIELDS = {"url", "title", "tags", "tracks", "body", "comments"};
    static final String END = "";

    public static void main(String[] args) throws Exception {
        if (args[0].equals("index")) {
            index(args[1], args[2], Integer.parseInt(args[3]));
        } else {
            count(args[1], args[2]);
        }
    }

    static void index(String file, String dir, int threads) throws Exception {
        IndexWriterConfig config = new IndexWriterConfig(new StandardAnalyzer());
        config.setRAMBufferSizeMB(512);
        config.setOpenMode(IndexWriterConfig.OpenMode.CREATE);
        IndexWriter writer = new IndexWriter(FSDirectory.open(Paths.get(dir)), config);
        ArrayBlockingQueue<String> lines = new ArrayBlockingQueue<>(256);
        Thread[] workers = new Thread[threads];
        for (int n = 0; n < threads; n++) {
            workers[n] = new Thread(() -> {
                try {
                    for (String line = lines.take(); !line.equals(END); line = lines.take()) {
                        String[] parts = line.split("\u0001", -1);
                        Document post = new Document();
                        post.add(new StringField(FIELDS[0], parts[0], Field.Store.YES));
                        for (int at = 1; at < FIELDS.length; at++) {
                            post.add(new TextField(FIELDS[at], parts[at], Field.Store.YES));
                        }
                        writer.addDocument(post);
                    }
                    lines.put(END);
                } catch (Exception e) {
                    throw new RuntimeException(e);
                }
            });
            workers[n].start();
        }
        try (BufferedReader in = Files.newBufferedReader(Paths.get(file), StandardCharsets.UTF_8)) {
            for (String line = in.readLine(); line != null; line = in.readLine()) {
                lines.put(line);
            }
        }
        lines.put(END);
        for (Thread worker : workers) {
            worker.join();
        }
        writer.commit();
        writer.close();
    }

    static void count(String dir, String file) throws Exception {
        IndexSearcher searcher = new IndexSearcher(DirectoryReader.open(FSDirectory.open(Paths.get(dir))));
        for (String word : Files.readAllLines(Paths.get(file))) {
            System.out.println(searcher.count(new TermQuery(new Term("body", word))));
        }
    }
}
