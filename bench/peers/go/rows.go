package main

import (
	"fmt"
	"os"
	"time"

	"github.com/apache/arrow-go/v18/arrow"
	"github.com/apache/arrow-go/v18/arrow/array"
	"github.com/apache/arrow-go/v18/arrow/ipc"
)

// What becomes one record. Go's time.Time is written with a Z.
type event struct {
	ID      int64     `json:"id"`
	TS      time.Time `json:"ts"`
	User    string    `json:"user"`
	Country string    `json:"country"`
	Amount  float64   `json:"amount"`
	Qty     int32     `json:"qty"`
	Flag    bool      `json:"flag"`
	Note    *string   `json:"note"`
}

// The columns of a few rows; none is copied.
type slice struct {
	rows                int
	id                  *array.Int64
	ts                  *array.Timestamp
	user, country, note *array.String
	amount              *array.Float64
	qty                 *array.Int32
	flag                *array.Boolean
}

func sliceOf(batch arrow.RecordBatch) slice {
	return slice{
		rows:    int(batch.NumRows()),
		id:      batch.Column(0).(*array.Int64),
		ts:      batch.Column(1).(*array.Timestamp),
		user:    batch.Column(2).(*array.String),
		country: batch.Column(3).(*array.String),
		amount:  batch.Column(4).(*array.Float64),
		qty:     batch.Column(5).(*array.Int32),
		flag:    batch.Column(6).(*array.Boolean),
		note:    batch.Column(7).(*array.String),
	}
}

func (s *slice) event(row int) event {
	value := event{
		ID:      s.id.Value(row),
		TS:      s.ts.Value(row).ToTime(arrow.Nanosecond),
		User:    s.user.Value(row),
		Country: s.country.Value(row),
		Amount:  s.amount.Value(row),
		Qty:     s.qty.Value(row),
		Flag:    s.flag.Value(row),
	}
	if s.note.IsValid(row) {
		note := s.note.Value(row)
		value.Note = &note
	}
	return value
}

// The first rows of an Arrow stream, cut into slices of a request each.
func load(path string, rows int64) ([]slice, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	reader, err := ipc.NewReader(file)
	if err != nil {
		return nil, err
	}
	var slices []slice
	missing := rows
	for missing > 0 && reader.Next() {
		batch := reader.RecordBatch()
		taken := min(batch.NumRows(), missing)
		for start := int64(0); start < taken; start += rowsOfARequest {
			slices = append(slices, sliceOf(batch.NewSlice(start, min(start+rowsOfARequest, taken))))
		}
		missing -= taken
	}
	if missing > 0 {
		return nil, fmt.Errorf("%s has %d rows too few: %w", path, missing, reader.Err())
	}
	return slices, nil
}
