// Package web holds the page templates and the built assets, compiled into the binary.
package web

import (
	"crypto/sha256"
	"embed"
	"encoding/hex"
	"encoding/json"
	"io/fs"
	"net/http"
	"strings"
)

//go:embed templates all:static assets/icons.json
var files embed.FS

var (
	assets = hashes(Static())
	icons  = iconNames()
)

// Templates is the root of layout/, partial/ and page/.
func Templates() fs.FS { return sub("templates") }

// Static is the root of the built assets. It holds no asset before npm has run.
func Static() fs.FS { return sub("static") }

// AssetURL is the address of a built asset, such as "app.css", with a mark of
// its content, so that a browser may keep it for ever. An asset that has not
// been built gets its plain address.
func AssetURL(name string) string {
	sum, ok := assets[name]
	if !ok {
		return "/static/" + name
	}
	return "/static/" + name + "?v=" + sum
}

// HasIcon reports whether icons.svg holds a symbol of this name.
func HasIcon(name string) bool {
	_, ok := icons[name]
	return ok
}

// HasAsset reports whether a file was built under that name.
func HasAsset(name string) bool {
	_, ok := assets[name]
	return ok
}

// Handler serves the built assets under /static/. A request that carries the
// current mark may be kept for a year, any other must be checked again.
func Handler() http.Handler { return handler(Static(), assets) }

func handler(tree fs.FS, sums map[string]string) http.Handler {
	server := http.StripPrefix("/static/", http.FileServerFS(tree))
	return http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		sum, ok := sums[strings.TrimPrefix(r.URL.Path, "/static/")]
		if !ok {
			http.NotFound(w, r)
			return
		}
		w.Header().Set("ETag", `"`+sum+`"`)
		w.Header().Set("Cache-Control", "no-cache")
		if r.URL.Query().Get("v") == sum {
			w.Header().Set("Cache-Control", "public, max-age=31536000, immutable")
		}
		server.ServeHTTP(w, r)
	})
}

func sub(dir string) fs.FS {
	tree, err := fs.Sub(files, dir)
	if err != nil {
		panic(err) // the directive above embeds both
	}
	return tree
}

// hashes maps the path of each asset to the beginning of its SHA-256.
func hashes(tree fs.FS) map[string]string {
	sums := map[string]string{}
	err := fs.WalkDir(tree, ".", func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() || strings.HasPrefix(entry.Name(), ".") {
			return err
		}
		data, err := fs.ReadFile(tree, name)
		if err != nil {
			return err
		}
		sum := sha256.Sum256(data)
		sums[name] = hex.EncodeToString(sum[:6])
		return nil
	})
	if err != nil {
		panic(err) // an embedded tree can always be read
	}
	return sums
}

// iconNames reads the names that the build turns into symbols.
func iconNames() map[string]string {
	data, err := files.ReadFile("assets/icons.json")
	if err != nil {
		panic(err) // embedded above
	}
	names := map[string]string{}
	if err := json.Unmarshal(data, &names); err != nil {
		panic("web/assets/icons.json: " + err.Error())
	}
	return names
}
