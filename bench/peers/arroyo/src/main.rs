//! Rows of an Arrow file in memory, through what Arroyo's Kinesis sink does with them; one JSON line
//! of what that cost. Command line and line are those of all programs in bench/peers.

mod sink;
mod usage;

use std::time::Instant;

use arrow_array::RecordBatch;
use arrow_ipc::reader::StreamReader;
use aws_config::BehaviorVersion;
use aws_sdk_kinesis::Client;
use aws_smithy_http_client::{tls, Builder};

use sink::{Failure, Sink};

#[global_allocator]
static ALLOCATOR: tikv_jemallocator::Jemalloc = tikv_jemallocator::Jemalloc;

/// Rows of a batch: `source-batch-size` of Arroyo's configuration.
const BATCH_ROWS: usize = 512;

#[derive(Default)]
struct Arguments {
    endpoint_url: String,
    ca_bundle: Option<String>,
    stream: String,
    rows: usize,
    file: String,
}

fn arguments() -> Result<Arguments, Failure> {
    let mut arguments = Arguments::default();
    let mut words = std::env::args().skip(1);
    while let Some(word) = words.next() {
        if !word.starts_with("--") {
            arguments.file = word;
            continue;
        }
        let value = words
            .next()
            .ok_or_else(|| format!("{word} wants a value"))?;
        match word.as_str() {
            "--endpoint-url" => arguments.endpoint_url = value,
            "--ca-bundle" => arguments.ca_bundle = Some(value),
            "--stream" => arguments.stream = value,
            "--rows" => arguments.rows = value.parse()?,
            _ => return Err(format!("unknown argument {word}").into()),
        }
    }
    Ok(arguments)
}

/// The first `rows` rows of an Arrow stream.
fn load(path: &str, rows: usize) -> Result<Vec<RecordBatch>, Failure> {
    let mut batches = Vec::new();
    let mut missing = rows;
    for batch in StreamReader::try_new_buffered(std::fs::File::open(path)?, None)? {
        let batch = batch?;
        let taken = batch.num_rows().min(missing);
        for start in (0..taken).step_by(BATCH_ROWS) {
            batches.push(batch.slice(start, BATCH_ROWS.min(taken - start)));
        }
        missing -= taken;
        if missing == 0 {
            return Ok(batches);
        }
    }
    Err(format!("{path} has {missing} rows too few").into())
}

async fn client(arguments: &Arguments) -> Result<Client, Failure> {
    let mut loader =
        aws_config::defaults(BehaviorVersion::v2026_01_12()).endpoint_url(&arguments.endpoint_url);
    if let Some(path) = &arguments.ca_bundle {
        let trusted = tls::TrustStore::empty().with_pem_certificate(std::fs::read(path)?);
        let context = tls::TlsContext::builder()
            .with_trust_store(trusted)
            .build()?;
        let provider = tls::Provider::Rustls(tls::rustls_provider::CryptoMode::AwsLc);
        let http = Builder::new()
            .tls_provider(provider)
            .tls_context(context)
            .build_https();
        loader = loader.http_client(http);
    }
    Ok(Client::new(&loader.load().await))
}

/// `"name":"version"` of a crate, as Cargo.lock has it.
fn version(name: &str) -> String {
    let locked = include_str!("../Cargo.lock");
    let start = format!("name = \"{name}\"\nversion = \"");
    let version = locked
        .split(&start)
        .last()
        .and_then(|rest| rest.split('"').next());
    format!("\"{name}\":\"{}\"", version.unwrap_or(""))
}

async fn measure(arguments: Arguments) -> Result<(), Failure> {
    let batches = load(&arguments.file, arguments.rows)?;
    let mut sink = Sink::new(client(&arguments).await?, arguments.stream);
    // A first request: credentials, connection, memory.
    sink.process_batch(&batches[0]).await?;
    sink.flush_with_retries().await?;
    let requests_before = sink.requests;
    let rss_before = usage::memory("VmRSS:");
    usage::forget_peak();
    let cpu_before = usage::cpu_seconds();
    let start = Instant::now();
    for batch in &batches {
        sink.process_batch(batch).await?;
    }
    sink.flush_with_retries().await?;
    let seconds = start.elapsed().as_secs_f64();
    let cpu = usage::cpu_seconds() - cpu_before;
    let versions = [
        "arrow-json",
        "aws-sdk-kinesis",
        "hyper",
        "rustls",
        "tokio",
        "uuid",
    ];
    println!(
        "{{\"program\":\"arroyo\",\"versions\":{{{}}},\"rows\":{},\"seconds\":{seconds:.4},\
         \"cpu_seconds\":{cpu:.4},\"peak_rss_bytes\":{},\"rss_before_bytes\":{rss_before},\
         \"requests\":{},\"in_flight\":1}}",
        versions.map(version).join(","),
        batches.iter().map(RecordBatch::num_rows).sum::<usize>(),
        usage::memory("VmHWM:"),
        sink.requests - requests_before,
    );
    Ok(())
}

#[tokio::main]
async fn main() -> Result<(), Failure> {
    // An operator is a task of the runtime's threads, as in Arroyo.
    tokio::spawn(measure(arguments()?)).await?
}
