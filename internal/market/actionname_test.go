package market

import (
	"go/ast"
	"go/parser"
	"go/token"
	"strconv"
	"strings"
	"testing"
)

// TestEveryActionHasAName reads the block of actions and wants for each a Chinese name and a group.
func TestEveryActionHasAName(t *testing.T) {
	t.Parallel()
	file, err := parser.ParseFile(token.NewFileSet(), "audit.go", nil, 0)
	if err != nil {
		t.Fatal(err)
	}
	count := 0
	ast.Inspect(file, func(n ast.Node) bool {
		spec, ok := n.(*ast.ValueSpec)
		if !ok || len(spec.Values) != 1 {
			return true
		}
		literal, ok := spec.Values[0].(*ast.BasicLit)
		if !ok {
			return true
		}
		text, err := strconv.Unquote(literal.Value)
		if err != nil {
			t.Fatal(err)
		}
		count++
		if _, ok := actionNames[Action(text)]; !ok {
			t.Errorf("%s has no Chinese name", text)
		}
		if text != string(DemoLoad) && !grouped(text) {
			t.Errorf("%s is in no group", text)
		}
		return true
	})
	if count < 80 {
		t.Errorf("only %d actions were read", count)
	}
}

func grouped(action string) bool {
	for _, g := range ActionGroups {
		for _, p := range g.Prefixes {
			if strings.HasPrefix(action, p) {
				return true
			}
		}
	}
	return false
}
