package bench

import (
	"context"
	"fmt"
	"iter"
	"net/http"
	"time"

	"github.com/meilisearch/meilisearch-go"

	"techmarket/internal/market"
)

const (
	serverBatch    = 10_000
	serverTime     = 10 * time.Minute // of one task
	serverPause    = 20 * time.Millisecond
	candidateLimit = 200
)

// PlainServer is the market's texts in Meilisearch alone, which cuts them into words, ranks and counts by itself.
type PlainServer struct {
	client meilisearch.ServiceManager
	name   string
}

// OpenPlainServer names an index of the server at url, which Fill makes and Drop deletes.
func OpenPlainServer(url, key, name string) *PlainServer {
	return &PlainServer{meilisearch.New(url, meilisearch.WithAPIKey(key), meilisearch.WithCustomClient(&http.Client{Timeout: time.Minute})), name}
}

// plainServerDoc is what the server keeps of a listing.
type plainServerDoc struct {
	ID        int64    `json:"id"`
	Title     string   `json:"title"`
	Body      string   `json:"body"`
	Kind      string   `json:"kind"`
	Submarket string   `json:"submarket"`
	Field     []string `json:"field"`
	County    string   `json:"county"`
	Stage     string   `json:"stage"`
	Mode      []string `json:"mode"`
}

var serverFacets = []string{"kind", "submarket", "field", "county", "stage", "mode"}

// Fill makes the index of the documents.
func (p *PlainServer) Fill(ctx context.Context, docs iter.Seq2[market.Document, error]) error {
	index := p.client.Index(p.name)
	task, err := index.UpdateSettings(ctx, &meilisearch.Settings{
		SearchableAttributes: []string{"title", "body"}, FilterableAttributes: serverFacets,
		LocalizedAttributes: []*meilisearch.LocalizedAttributes{{Locales: []string{"zho"}, AttributePatterns: []string{"title", "body"}}},
	})
	if err := p.done(ctx, task, err); err != nil {
		return err
	}
	batch := make([]plainServerDoc, 0, serverBatch)
	flush := func() error {
		if len(batch) == 0 {
			return nil
		}
		task, err := index.AddDocuments(ctx, batch, nil)
		batch = batch[:0]
		return p.done(ctx, task, err)
	}
	for d, err := range docs {
		if err != nil {
			return err
		}
		batch = append(batch, plainServerDoc{d.ID, d.Title, d.Body, string(d.Kind), d.Submarket, d.Fields, d.County, d.Stage, d.Modes})
		if len(batch) == serverBatch {
			if err := flush(); err != nil {
				return err
			}
		}
	}
	return flush()
}

func (p *PlainServer) done(ctx context.Context, handed *meilisearch.TaskInfo, err error) error {
	if err != nil {
		return err
	}
	ctx, cancel := context.WithTimeout(ctx, serverTime)
	defer cancel()
	task, err := p.client.TaskReader().WaitForTask(ctx, handed.TaskUID, serverPause)
	if err == nil && task.Status != meilisearch.TaskStatusSucceeded {
		err = fmt.Errorf("the server's task %s: %s", task.Status, task.Error.Message)
	}
	return err
}

// Search has the server look for a text, and count the facets when wanted.
func (p *PlainServer) Search(ctx context.Context, text, submarket string, facets bool) error {
	req := &meilisearch.SearchRequest{Limit: 20, MatchingStrategy: meilisearch.All, AttributesToRetrieve: []string{"id"}}
	if submarket != "" {
		req.Filter = fmt.Sprintf("submarket = %q", submarket)
	}
	if facets {
		req.Facets = serverFacets
	}
	_, err := p.client.Index(p.name).Search(ctx, text, req)
	return err
}

// Candidates finds the 200 best documents of a kind that hold any of the terms, by one search for each term, merged.
func (p *PlainServer) Candidates(ctx context.Context, terms []string, kind market.Kind) error {
	var queries []*meilisearch.SearchRequest
	for _, t := range terms {
		queries = append(queries, &meilisearch.SearchRequest{IndexUID: p.name, Query: t, Filter: fmt.Sprintf("kind = %q", kind), AttributesToRetrieve: []string{"id"}})
	}
	_, err := p.client.MultiSearch(ctx, &meilisearch.MultiSearchRequest{Federation: &meilisearch.MultiSearchFederation{Limit: candidateLimit}, Queries: queries})
	return err
}

// Drop deletes the index.
func (p *PlainServer) Drop(ctx context.Context) error {
	task, err := p.client.DeleteIndex(ctx, p.name)
	return p.done(ctx, task, err)
}
