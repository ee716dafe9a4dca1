// Package eval measures how well search finds and matching judges, on files of texts with known answers. It runs what
// production runs: an engine, the candidates, the scorer.
package eval

import (
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strconv"
	"strings"
	"unicode/utf8"

	"techmarket/internal/market"
)

// Text is a row of a file of documents.
type Text struct{ ID, Title, Body string }

// Label says how well a need and a result fit, from 1, not at all, to 4, strongly.
type Label struct {
	Need, Result string
	Grade        int
}

// Query is a search and the document that it is for.
type Query struct{ Text, ID string }

// ReadTexts reads a CSV file with the columns id, title and body. No id may come twice, none may be empty.
func ReadTexts(name string) ([]Text, error) {
	var list []Text
	seen := map[string]bool{}
	err := readTable(name, []string{"id", "title", "body"}, func(row []string) error {
		t := Text{row[0], row[1], row[2]}
		switch {
		case t.ID == "":
			return errors.New("the id is empty")
		case seen[t.ID]:
			return fmt.Errorf("the id %s came before", t.ID)
		}
		seen[t.ID] = true
		list = append(list, t)
		return nil
	})
	return list, err
}

// ReadLabels reads a CSV file with the columns need_id, result_id and grade.
func ReadLabels(name string) ([]Label, error) {
	var list []Label
	err := readTable(name, []string{"need_id", "result_id", "grade"}, func(row []string) error {
		grade, err := strconv.Atoi(strings.TrimSpace(row[2]))
		if err != nil || grade < 1 || grade > maxGrade {
			return fmt.Errorf("the grade is %q, not 1 to %d", row[2], maxGrade)
		}
		list = append(list, Label{row[0], row[1], grade})
		return nil
	})
	return list, err
}

// ReadQueries reads a CSV file with the columns query and id.
func ReadQueries(name string) ([]Query, error) {
	var list []Query
	err := readTable(name, []string{"query", "id"}, func(row []string) error {
		list = append(list, Query{row[0], row[1]})
		return nil
	})
	return list, err
}

// readTable gives take the named columns of each row, in that order, whatever the order of the file. Other columns are
// passed over. An error says in which file and line it is.
func readTable(name string, columns []string, take func(row []string) error) (err error) {
	f, err := os.Open(name)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, f.Close()) }()
	r := csv.NewReader(f)
	r.ReuseRecord = true
	places, err := readHeader(r, columns)
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	rows := 0
	for ; ; rows++ {
		record, err := r.Read()
		if errors.Is(err, io.EOF) {
			break
		}
		if err == nil {
			err = takeRow(record, places, take)
		}
		if err != nil {
			return fmt.Errorf("%s: %w", name, atLine(r, err))
		}
	}
	if rows == 0 {
		return fmt.Errorf("%s: no row after the header", name)
	}
	return nil
}

// atLine adds the line to an error that does not say it.
func atLine(r *csv.Reader, err error) error {
	if parse := (*csv.ParseError)(nil); errors.As(err, &parse) {
		return err
	}
	line, _ := r.FieldPos(0)
	return fmt.Errorf("line %d: %w", line, err)
}

func readHeader(r *csv.Reader, columns []string) ([]int, error) {
	header, err := r.Read()
	if errors.Is(err, io.EOF) {
		return nil, errors.New("the file is empty")
	}
	if err != nil {
		return nil, err
	}
	names := make([]string, len(header))
	for i, h := range header {
		names[i] = strings.ToLower(strings.TrimSpace(strings.TrimPrefix(h, "\ufeff")))
	}
	places := make([]int, len(columns))
	for i, c := range columns {
		if places[i] = slices.Index(names, c); places[i] < 0 {
			return nil, fmt.Errorf("no column %s; the first line must name the columns %s", c, strings.Join(columns, ","))
		}
	}
	return places, nil
}

func takeRow(record []string, places []int, take func([]string) error) error {
	row := make([]string, len(places))
	for i, p := range places {
		if !utf8.ValidString(record[p]) {
			return errors.New("the text is not UTF-8")
		}
		row[i] = record[p]
	}
	return take(row)
}

// documents turns texts into listings with ids from first on, and tells the place of each text's own id.
func documents(kind market.Kind, texts []Text, first int64) ([]market.Document, map[string]int, error) {
	docs := make([]market.Document, len(texts))
	places := make(map[string]int, len(texts))
	for i, t := range texts {
		body, err := market.CleanText(t.Body)
		if err != nil {
			return nil, nil, fmt.Errorf("%s %s: %w", kind, t.ID, err)
		}
		docs[i] = market.Document{ID: first + int64(i), Kind: kind, Title: market.Normalize(t.Title), Body: body}
		places[t.ID] = i
	}
	return docs, places, nil
}
