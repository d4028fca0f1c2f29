//! How fast arrow-rs turns rows into JSON: GB/s and ns per row, in the figures of
//! bench/format_bench.cc. The rows have the same eight columns and distributions.

use std::sync::Arc;
use std::time::Instant;

use arrow_array::{
    ArrayRef, BooleanArray, Float64Array, Int32Array, Int64Array, RecordBatch, StringArray,
    TimestampNanosecondArray,
};
use arrow_json::writer::{LineDelimited, WriterBuilder};

struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        self.0
    }
    fn below(&mut self, limit: usize) -> usize {
        (self.next() >> 11) as usize % limit
    }
    fn unit(&mut self) -> f64 {
        ((self.next() >> 11) + 1) as f64 / (1u64 << 53) as f64
    }
    fn text(&mut self, least: usize, most: usize, letters: &[u8]) -> String {
        let size = least + self.below(most - least + 1);
        (0..size).map(|_| letters[self.below(letters.len())] as char).collect()
    }
}

const COUNTRIES: [&str; 16] = [
    "US", "DE", "France", "Brazil", "Japan", "India", "Canada", "Norway", "UK", "Spain",
    "Australia", "Argentina", "Kenya", "Chile", "Luxembourg", "Peru",
];
const LETTERS: &[u8] = b"abcdefghijklmnopqrstuvwxyz0123456789";
const NOTE_LETTERS: &[u8] =
    b"abcdefghijklmnopqrstuvwxyzabcdefghijklmnopqrstuvwxyz      .,-ABCDEF0123456789";

fn rows(count: usize) -> RecordBatch {
    let mut random = Random(88172645463325252);
    let note = |random: &mut Random| -> Option<String> {
        if random.below(100) < 20 {
            return None;
        }
        let mut text = random.text(20, 60, NOTE_LETTERS);
        if random.below(80) < 5 {
            let at = random.below(text.len());
            text.replace_range(at..at + 1, "\"");
        }
        Some(text)
    };
    let mean_gap = 364.0 * 86400e9 / count as f64;
    let mut time = 1_735_689_600_000_000_000i64;
    let times: Vec<i64> = (0..count)
        .map(|_| {
            time += (-random.unit().ln() * mean_gap) as i64;
            time
        })
        .collect();
    // Gamma(2, 60) is the sum of two exponentials.
    let amounts: Vec<f64> = (0..count)
        .map(|_| (-(random.unit().ln() + random.unit().ln()) * 60.0 * 100.0).round() / 100.0)
        .collect();
    let columns: Vec<(&str, ArrayRef, bool)> = vec![
        ("id", Arc::new(Int64Array::from_iter_values((1..=count as i64).map(|i| i * 7 + 1_000_000_000))), false),
        ("ts", Arc::new(TimestampNanosecondArray::from(times)), false),
        ("user", Arc::new(StringArray::from_iter_values((0..count).map(|_| random.text(8, 16, LETTERS)))), false),
        ("country", Arc::new(StringArray::from_iter_values((0..count).map(|_| COUNTRIES[random.below(16)]))), false),
        ("amount", Arc::new(Float64Array::from(amounts)), false),
        ("qty", Arc::new(Int32Array::from_iter_values((0..count).map(|_| 1 + random.below(999) as i32))), false),
        ("flag", Arc::new(BooleanArray::from((0..count).map(|_| random.below(2) == 1).collect::<Vec<_>>())), false),
        ("note", Arc::new(StringArray::from_iter((0..count).map(|_| note(&mut random)))), true),
    ];
    RecordBatch::try_from_iter_with_nullable(columns).expect("the columns have one length")
}

fn main() {
    for count in [8_192usize, 262_144] {
        let batch = rows(count);
        let repeats = 4_194_304 / count;
        let mut best = f64::INFINITY;
        let mut body: Vec<u8> = Vec::with_capacity(count * 256);
        for _ in 0..5 {
            let start = Instant::now();
            for _ in 0..repeats {
                body.clear();
                let mut writer = WriterBuilder::new()
                    .with_explicit_nulls(true)
                    .build::<_, LineDelimited>(&mut body);
                writer.write(&batch).expect("every type is supported");
                writer.finish().expect("a vector takes everything");
            }
            best = best.min(start.elapsed().as_secs_f64() / repeats as f64);
        }
        println!(
            "arrow-rs/{count} B/row={:.3} GB/s={:.3} ns/row={:.1}",
            body.len() as f64 / count as f64,
            body.len() as f64 / best / 1e9,
            best / count as f64 * 1e9,
        );
    }
}
