//! The Kinesis sink of Arroyo, in what it does for each row: `kinesis/sink.rs` of its connectors and
//! `ser.rs` of its formats, with the defaults of its options. Its shortcomings are part of it: a
//! vector grown from 8 bytes for each row, a key of text, a clock read for each row, a copy of each
//! value for each attempt, and one request in flight, awaited between two rows.

use std::collections::HashSet;
use std::sync::Arc;
use std::time::{Duration, Instant};

use arrow_array::{Array, RecordBatch, StructArray};
use arrow_json::writer::make_encoder;
use arrow_json::EncoderOptions;
use arrow_schema::Field;
use aws_sdk_kinesis::primitives::Blob;
use aws_sdk_kinesis::types::PutRecordsRequestEntry;
use aws_sdk_kinesis::Client;
use uuid::Uuid;

pub type Failure = Box<dyn std::error::Error + Send + Sync>;

const MAX_RECORD_COUNT: usize = 500;
const MAX_DATA_SIZE: usize = 4_000_000;
const MAX_AGE: Duration = Duration::from_secs(1);
const MAX_RETRIES: u32 = 20;

fn json_rows(batch: &RecordBatch) -> Result<Vec<Vec<u8>>, Failure> {
    let array = StructArray::from(batch.clone());
    let options = EncoderOptions::default().with_explicit_nulls(true);
    let field = Arc::new(Field::new_struct(
        "",
        batch.schema().fields().clone(),
        false,
    ));
    let mut encoder = make_encoder(&field, &array, &options)?;
    let mut rows = Vec::with_capacity(batch.num_rows());
    for index in 0..array.len() {
        let mut row = Vec::with_capacity(8);
        encoder.encode(index, &mut row);
        rows.push(row);
    }
    Ok(rows)
}

pub struct Sink {
    client: Arc<Client>,
    stream: String,
    buffered: Vec<(String, Vec<u8>)>,
    data_size: usize,
    last_flush: Instant,
    pub requests: u64,
}

impl Sink {
    pub fn new(client: Client, stream: String) -> Self {
        Sink {
            client: Arc::new(client),
            stream,
            buffered: Vec::new(),
            data_size: 0,
            last_flush: Instant::now(),
            requests: 0,
        }
    }

    pub async fn process_batch(&mut self, batch: &RecordBatch) -> Result<(), Failure> {
        for row in json_rows(batch)? {
            let key = Uuid::new_v4().to_string();
            self.data_size += row.len() + key.len();
            self.buffered.push((key, row));
            if self.should_flush() {
                self.flush_with_retries().await?;
            }
        }
        Ok(())
    }

    pub async fn flush_with_retries(&mut self) -> Result<(), Failure> {
        let mut retries = 0;
        while let Err(error) = self.flush().await {
            if retries == MAX_RETRIES {
                return Err(error);
            }
            retries += 1;
            let most = Duration::from_secs(2).min(Duration::from_millis(100) * 2u32.pow(retries));
            tokio::time::sleep(most / 2).await;
        }
        Ok(())
    }

    fn should_flush(&self) -> bool {
        self.buffered.len() >= MAX_RECORD_COUNT
            || self.data_size >= MAX_DATA_SIZE
            || self.last_flush.elapsed() >= MAX_AGE
    }

    async fn flush(&mut self) -> Result<(), Failure> {
        if self.buffered.is_empty() {
            return Ok(());
        }
        self.requests += 1;
        let entry = |(key, value): &(String, Vec<u8>)| {
            PutRecordsRequestEntry::builder()
                .partition_key(key)
                .data(Blob::new(value.clone()))
                .build()
        };
        let entries = self
            .buffered
            .iter()
            .map(entry)
            .collect::<Result<Vec<_>, _>>()?;
        let request = self.client.put_records().stream_name(self.stream.clone());
        let answer = request.set_records(Some(entries)).send().await?;
        self.last_flush = Instant::now();
        if answer.failed_record_count().unwrap_or(0) == 0 {
            self.buffered.clear();
            self.data_size = 0;
            return Ok(());
        }
        let records = answer.records().iter().enumerate();
        let failed: HashSet<usize> = records
            .filter(|(_, record)| record.error_code().is_some())
            .map(|(i, _)| i)
            .collect();
        let mut index = 0;
        self.buffered.retain(|_| {
            index += 1;
            failed.contains(&(index - 1))
        });
        self.data_size = self
            .buffered
            .iter()
            .map(|(key, row)| key.len() + row.len())
            .sum();
        Err(format!("{} rows were refused", self.buffered.len()).into())
    }
}
