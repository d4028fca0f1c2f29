// Rows of an Arrow file in memory, to JSON, by goroutines that each build and send requests with the
// AWS SDK for Go; one JSON line of what that cost. Command line and line are those of all programs in
// bench/peers; --goroutines besides.
package main

import (
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"net/http"
	"os"
	"runtime"
	"runtime/debug"
	"sync"
	"sync/atomic"
	"time"

	"github.com/aws/aws-sdk-go-v2/aws"
	awshttp "github.com/aws/aws-sdk-go-v2/aws/transport/http"
	"github.com/aws/aws-sdk-go-v2/config"
	"github.com/aws/aws-sdk-go-v2/service/kinesis"
	"github.com/aws/aws-sdk-go-v2/service/kinesis/types"
	"github.com/google/uuid"
)

const (
	rowsOfARequest = 500
	maxAttempts    = 20
)

type arguments struct {
	endpointURL, caBundle, stream, file string
	rows                                int64
	goroutines                          int
}

func parsed() arguments {
	var given arguments
	flag.StringVar(&given.endpointURL, "endpoint-url", "", "")
	flag.StringVar(&given.caBundle, "ca-bundle", "", "PEM file of trusted authorities")
	flag.StringVar(&given.stream, "stream", "", "")
	flag.Int64Var(&given.rows, "rows", 0, "of the file")
	flag.IntVar(&given.goroutines, "goroutines", 32, "each with a request in flight")
	flag.Parse()
	given.file = flag.Arg(0)
	return given
}

func newClient(ctx context.Context, given arguments) (*kinesis.Client, error) {
	// The default keeps ten idle connections to a host, and would close and open the others again.
	transport := awshttp.NewBuildableClient().WithTransportOptions(func(t *http.Transport) {
		t.MaxIdleConnsPerHost = given.goroutines
	})
	options := []func(*config.LoadOptions) error{
		config.WithBaseEndpoint(given.endpointURL), config.WithHTTPClient(transport)}
	if given.caBundle != "" {
		bundle, err := os.Open(given.caBundle)
		if err != nil {
			return nil, err
		}
		defer bundle.Close()
		options = append(options, config.WithCustomCABundle(bundle))
	}
	loaded, err := config.LoadDefaultConfig(ctx, options...)
	return kinesis.NewFromConfig(loaded), err
}

type sender struct {
	client   *kinesis.Client
	stream   string
	requests atomic.Int64
}

func (s *sender) send(ctx context.Context, rows *slice) error {
	entries := make([]types.PutRecordsRequestEntry, rows.rows)
	for row := range entries {
		data, err := json.Marshal(rows.event(row))
		if err != nil {
			return err
		}
		entries[row] = types.PutRecordsRequestEntry{Data: data, PartitionKey: aws.String(uuid.NewString())}
	}
	for range maxAttempts {
		s.requests.Add(1)
		answer, err := s.client.PutRecords(ctx, &kinesis.PutRecordsInput{Records: entries, StreamName: &s.stream})
		if err != nil {
			return err
		}
		if aws.ToInt32(answer.FailedRecordCount) == 0 {
			return nil
		}
		failed := entries[:0]
		for index, record := range answer.Records {
			if record.ErrorCode != nil {
				failed = append(failed, entries[index])
			}
		}
		entries = failed
		time.Sleep(100 * time.Millisecond)
	}
	return fmt.Errorf("%d rows were refused %d times", len(entries), maxAttempts)
}

// Every goroutine takes the next slice that none has taken.
func (s *sender) sendAll(ctx context.Context, slices []slice, goroutines int) error {
	var next atomic.Int64
	var group sync.WaitGroup
	failures := make([]error, goroutines)
	for worker := range goroutines {
		group.Go(func() {
			for failures[worker] == nil {
				index := int(next.Add(1)) - 1
				if index >= len(slices) {
					return
				}
				failures[worker] = s.send(ctx, &slices[index])
			}
		})
	}
	group.Wait()
	return cmp.Or(failures...)
}

func versions() map[string]string {
	found := map[string]string{"go": runtime.Version()}
	info, _ := debug.ReadBuildInfo()
	for _, module := range info.Deps {
		switch module.Path {
		case "github.com/apache/arrow-go/v18":
			found["arrow-go"] = module.Version
		case "github.com/aws/aws-sdk-go-v2":
			found["aws-sdk-go-v2"] = module.Version
		case "github.com/aws/aws-sdk-go-v2/service/kinesis":
			found["service/kinesis"] = module.Version
		}
	}
	return found
}

func run(given arguments) error {
	ctx := context.Background()
	slices, err := load(given.file, given.rows)
	if err != nil {
		return err
	}
	client, err := newClient(ctx, given)
	if err != nil {
		return err
	}
	s := &sender{client: client, stream: given.stream}
	// A request of each goroutine: credentials, connections, memory.
	if err := s.sendAll(ctx, slices[:min(given.goroutines, len(slices))], given.goroutines); err != nil {
		return err
	}
	s.requests.Store(0)
	rssBefore := memory("VmRSS")
	forgetPeak()
	cpuBefore, start := cpuSeconds(), time.Now()
	if err := s.sendAll(ctx, slices, given.goroutines); err != nil {
		return err
	}
	seconds, cpu := time.Since(start).Seconds(), cpuSeconds()-cpuBefore
	return json.NewEncoder(os.Stdout).Encode(map[string]any{
		"program": "go", "versions": versions(), "rows": given.rows, "seconds": seconds, "cpu_seconds": cpu,
		"peak_rss_bytes": memory("VmHWM"), "rss_before_bytes": rssBefore, "requests": s.requests.Load(),
		"in_flight": given.goroutines})
}

func main() {
	if err := run(parsed()); err != nil {
		fmt.Fprintln(os.Stderr, "peer_go:", err)
		os.Exit(1)
	}
}
