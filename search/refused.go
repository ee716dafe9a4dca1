package search

import (
	"errors"
	"fmt"
	"iter"
	"strings"

	"techmarket/internal/market"
)

// ErrRefused is how a write tells Accepted that the engine looked at documents
// and will not take them: it would refuse them again. Trouble that passes, such
// as a server that is down or a full disk, is not it.
var ErrRefused = errors.New("search: refused")

// Refusal is a document that an engine will not take, and why.
type Refusal struct {
	ID     int64
	Reason string
}

// RefusedError is returned by Index and Rebuild when all documents were written
// but some that the engine will not take. It is the only error after which the
// others are in the index.
type RefusedError struct{ Documents []Refusal }

func (r *RefusedError) Error() string {
	parts := make([]string, len(r.Documents))
	for i, d := range r.Documents {
		parts[i] = fmt.Sprintf("%d: %s", d.ID, d.Reason)
	}
	return "search: refused documents: " + strings.Join(parts, "; ")
}

// refusalTries is how often a single document is offered before it is refused.
const refusalTries = 3

// Accepted writes a batch and returns the documents of it that were refused,
// which it finds by halving. write fails with ErrRefused when the batch holds
// such a document; it has written nothing then. Any other error ends it.
func Accepted(docs []market.Document, write func([]market.Document) error) ([]Refusal, error) {
	err := write(docs)
	for try := 1; len(docs) == 1 && errors.Is(err, ErrRefused) && try < refusalTries; try++ {
		err = write(docs)
	}
	switch {
	case !errors.Is(err, ErrRefused):
		return nil, err
	case len(docs) == 1:
		return []Refusal{{docs[0].ID, err.Error()}}, nil
	}
	half := len(docs) / 2
	first, err := Accepted(docs[:half], write)
	if err != nil {
		return nil, err
	}
	second, err := Accepted(docs[half:], write)
	return append(first, second...), err
}

// Refused is the error of the documents that were refused, nil when none were.
func Refused(list []Refusal) error {
	if len(list) == 0 {
		return nil
	}
	return &RefusedError{list}
}

// Fill hands documents on in batches and returns those that were refused.
func Fill(docs iter.Seq2[market.Document, error], size int, write func([]market.Document) ([]Refusal, error)) ([]Refusal, error) {
	var refused []Refusal
	batch := make([]market.Document, 0, size)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		list, err := write(batch)
		refused, batch = append(refused, list...), batch[:0]
		return err
	}
	for d, err := range docs {
		if err != nil {
			return nil, err
		}
		if batch = append(batch, d); len(batch) < size {
			continue
		}
		if err := flush(); err != nil {
			return nil, err
		}
	}
	err := flush()
	return refused, err
}
