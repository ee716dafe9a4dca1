package meili

import (
	"context"

	"github.com/meilisearch/meilisearch-go"
)

// keyID is the id of the market's key. The server derives the key itself from
// this and its master key, so that making it again gives the same key.
const keyID = "0b7f1d0e-5c3a-4c56-9b1e-6a2f4d8c7e31"

// actions are all that the engine does on the server.
func actions() []string {
	return []string{"search", "documents.add", "documents.get", "documents.delete", "indexes.create", "indexes.get", "indexes.delete", "indexes.swap", "settings.update", "tasks.get"}
}

// MakeKey makes the key that can search and write the market's own indexes on
// the server at url, and nothing else, and returns it. A key that was made
// before is replaced, because what a key may do can't be changed.
func MakeKey(ctx context.Context, url, masterKey string) (string, error) {
	keys := meilisearch.New(url, meilisearch.WithAPIKey(masterKey)).KeyManager()
	_, err := keys.DeleteKey(ctx, keyID)
	if err != nil && !isCode(err, meilisearch.APIErrCodeAPIKeyNotFound) {
		return "", failed("replace the key", err)
	}
	key, err := keys.CreateKey(ctx, &meilisearch.Key{
		UID: keyID, Name: "market", Description: "searches and writes the market's indexes", Actions: actions(), Indexes: []string{Name, Name + nextSuffix},
	})
	if err != nil {
		return "", failed("make the key", err)
	}
	return key.Key, nil
}
