// Package view turns typed page structs into HTML. A page struct embeds Base,
// Work or Print, which chooses its layout; its template is the inside of the
// main element and is built from the partials of web/templates/partial.
package view

import (
	"bytes"
	"errors"
	"fmt"
	"html/template"
	"io"
	"io/fs"
	"path"
	"slices"
	"strings"
	"text/template/parse"
)

// Page is a struct that embeds Base, Work or Print and names its template,
// such as "page/need/show" for web/templates/page/need/show.html.
type Page interface {
	Template() string
	layout() string
}

// Engine renders pages. It is safe for concurrent use.
type Engine struct {
	pages map[string]*template.Template
}

// New parses the layouts, the partials and every page below fsys. It fails when
// a declared page has no file, a file has no declaration, a template does not
// parse, or one names a partial that does not exist.
func New(fsys fs.FS, pages []Page) (*Engine, error) {
	shared := template.New("").Funcs(funcs())
	if err := parseAll(shared, fsys, "layout", "layout/"); err != nil {
		return nil, err
	}
	if err := parseAll(shared, fsys, "partial", ""); err != nil {
		return nil, err
	}
	engine := &Engine{pages: map[string]*template.Template{}}
	for _, page := range pages {
		parsed, err := parsePage(shared, fsys, page.Template())
		if err != nil {
			return nil, err
		}
		engine.pages[page.Template()] = parsed
	}
	return engine, engine.checkFiles(fsys)
}

// Render writes the whole page, or nothing when its template fails.
func (e *Engine) Render(w io.Writer, p Page) error {
	page, ok := e.pages[p.Template()]
	if !ok {
		return fmt.Errorf("page %q is not declared", p.Template())
	}
	var buffer bytes.Buffer
	if err := page.ExecuteTemplate(&buffer, "layout/"+p.layout(), p); err != nil {
		return fmt.Errorf("render %s: %w", p.Template(), err)
	}
	_, err := buffer.WriteTo(w)
	return err
}

// parseAll adds every file of one folder under its name without the extension.
func parseAll(into *template.Template, fsys fs.FS, folder, prefix string) error {
	names, err := fs.Glob(fsys, folder+"/*.html")
	if err != nil {
		return err
	}
	for _, file := range names {
		name := prefix + strings.TrimSuffix(path.Base(file), ".html")
		if err := parseFile(into.New(name), fsys, file); err != nil {
			return err
		}
	}
	return nil
}

// parsePage parses one page beside its own copy of the shared templates, so
// that pages may define local templates of the same name.
func parsePage(shared *template.Template, fsys fs.FS, name string) (*template.Template, error) {
	set, err := shared.Clone()
	if err != nil {
		return nil, err
	}
	if err := parseFile(set.New("main"), fsys, name+".html"); err != nil {
		return nil, err
	}
	if err := checkCalls(set); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	return set, nil
}

func parseFile(into *template.Template, fsys fs.FS, file string) error {
	content, err := fs.ReadFile(fsys, file)
	if err != nil {
		return err
	}
	if _, err := into.Parse(strings.TrimRight(string(content), "\n")); err != nil {
		return fmt.Errorf("%s: %w", file, err)
	}
	return nil
}

// checkFiles reports the page files that nobody declared.
func (e *Engine) checkFiles(fsys fs.FS) error {
	var undeclared []error
	err := fs.WalkDir(fsys, "page", func(file string, entry fs.DirEntry, err error) error {
		if errors.Is(err, fs.ErrNotExist) {
			return nil
		}
		if err != nil || entry.IsDir() || path.Ext(file) != ".html" {
			return err
		}
		if e.pages[strings.TrimSuffix(file, ".html")] == nil {
			undeclared = append(undeclared, fmt.Errorf("%s is not declared as a page", file))
		}
		return nil
	})
	return errors.Join(append(undeclared, err)...)
}

// checkCalls reports the calls of templates that do not exist, which
// html/template would notice only when the page is first shown.
func checkCalls(set *template.Template) error {
	var missing []string
	for _, t := range set.Templates() {
		if t.Tree == nil {
			continue
		}
		walk(t.Tree.Root, func(call *parse.TemplateNode) {
			if set.Lookup(call.Name) == nil {
				missing = append(missing, call.Name)
			}
		})
	}
	if len(missing) == 0 {
		return nil
	}
	slices.Sort(missing)
	return fmt.Errorf("no such template: %s", strings.Join(slices.Compact(missing), ", "))
}

// walk visits the template calls below a node.
func walk(node parse.Node, visit func(*parse.TemplateNode)) {
	switch n := node.(type) {
	case *parse.ListNode:
		if n == nil {
			return
		}
		for _, child := range n.Nodes {
			walk(child, visit)
		}
	case *parse.IfNode:
		walk(n.List, visit)
		walk(n.ElseList, visit)
	case *parse.RangeNode:
		walk(n.List, visit)
		walk(n.ElseList, visit)
	case *parse.WithNode:
		walk(n.List, visit)
		walk(n.ElseList, visit)
	case *parse.TemplateNode:
		visit(n)
	}
}
