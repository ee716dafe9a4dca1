package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const (
	evalNeeds   = "id,title,body\nN-1,重钙浆料太稠,磨细以后打不动\nN-2,蜜柚存不住,\"放半个月,就失水\"\n"
	evalResults = "\ufeffID,Title,Body,Year\nr1,超细重钙浆料分散剂,降低黏度,2024\nr2,蜜柚采后保鲜涂膜,减少失水,2023\nr3,酿酒酵母,,2020\n"
	evalLabels  = "need_id,result_id,grade\nN-1,r1,4\nN-1,r2,1\nN-1,r3,1\nN-2,r2,4\nN-2,r1,1\nN-2,r3,1\n"
)

// evalFolder writes files into a folder and makes another one the place of temporary files.
func evalFolder(t *testing.T, files map[string]string) (dir, temp string) {
	t.Helper()
	dir, temp = t.TempDir(), t.TempDir()
	t.Setenv("TMPDIR", temp)
	for name, text := range files {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	return dir, temp
}

func runEval(t *testing.T, temp string, args ...string) (string, error) {
	t.Helper()
	var out bytes.Buffer
	err := run(t.Context(), program{out: &out}, append([]string{"eval"}, args...))
	left, readErr := os.ReadDir(temp)
	if readErr != nil || len(left) > 0 {
		t.Errorf("left behind: %v, %v", left, readErr)
	}
	return out.String(), err
}

func TestEvalMatch(t *testing.T) {
	dir, temp := evalFolder(t, map[string]string{"needs": evalNeeds, "results": evalResults, "labels": evalLabels})
	in := func(name string) string { return filepath.Join(dir, name) }
	out, err := runEval(t, temp, "match", "--needs", in("needs"), "--results", in("results"), "--labels", in("labels"),
		"--scores", in("scores"), "--retrieve", in("retrieve"), "--engine", "embedded")
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"2 needs, 3 results, 6 labels", "nDCG@10    1.000", "AUC        1.000", "Spearman", "recall@20  1.000", "recall@100 1.000"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
	scores, retrieved := readLines(t, in("scores")), readLines(t, in("retrieve"))
	if len(scores) != 7 || scores[0] != "need_id,result_id,score" || !strings.HasPrefix(scores[1], "N-1,r1,0.") {
		t.Errorf("scores: %q", scores)
	}
	if retrieved[0] != "need_id,rank,result_id,score" || !strings.HasPrefix(retrieved[1], "N-1,1,r1,0.") {
		t.Errorf("retrieved: %q", retrieved)
	}
	if strings.TrimPrefix(retrieved[1], "N-1,1,r1,") != strings.TrimPrefix(scores[1], "N-1,r1,") {
		t.Errorf("one pair has two scores: %q and %q", retrieved[1], scores[1])
	}
}

func readLines(t *testing.T, name string) []string {
	t.Helper()
	text, err := os.ReadFile(name)
	if err != nil {
		t.Fatal(err)
	}
	return strings.Split(strings.TrimSpace(string(text)), "\n")
}

func TestEvalSearch(t *testing.T) {
	dir, temp := evalFolder(t, map[string]string{"docs": evalResults, "queries": "query,id\nＰＨ 重钙,r1\n蜜柚,r2\n！？,r3\n"})
	out, err := runEval(t, temp, "search", "--docs", filepath.Join(dir, "docs"), "--queries", filepath.Join(dir, "queries"))
	if err != nil {
		t.Fatal(err)
	}
	for _, want := range []string{"3 documents, 3 queries", "MRR        0.667", "recall@20  0.667"} {
		if !strings.Contains(out, want) {
			t.Errorf("the report lacks %q:\n%s", want, out)
		}
	}
}

func TestEvalRefusesBadFiles(t *testing.T) {
	for name, c := range map[string]struct{ needs, labels, want string }{
		"no file":         {"", evalLabels, "no such file"},
		"empty":           {" ", evalLabels, "no column id"},
		"no rows":         {"id,title,body\n", evalLabels, "no row after the header"},
		"no body":         {"id,title\n1,a\n", evalLabels, "no column body"},
		"same id":         {"id,title,body\n1,a,\n1,b,\n", evalLabels, "line 3: the id 1 came before"},
		"no id":           {"id,title,body\n,a,\n", evalLabels, "line 2: the id is empty"},
		"short row":       {"id,title,body\n1,a\n", evalLabels, "wrong number of fields"},
		"not UTF-8":       {"id,title,body\n1,\xce\xd2,\n", evalLabels, "line 2: the text is not UTF-8"},
		"grade":           {evalNeeds, "need_id,result_id,grade\nN-1,r1,5\n", `line 2: the grade is "5", not 1 to 4`},
		"unknown need":    {evalNeeds, "need_id,result_id,grade\nN-9,r1,1\n", `is of the need "N-9", which is not in`},
		"unknown result":  {evalNeeds, "need_id,result_id,grade\nN-1,r1,1\nN-1,r9,1\n", `label 2 is of the result "r9"`},
		"unclosed quotes": {"id,title,body\n1,\"a,\n", evalLabels, "extraneous or missing"},
	} {
		t.Run(name, func(t *testing.T) {
			files := map[string]string{"results": evalResults, "labels": c.labels, "needs": c.needs}
			if c.needs == "" {
				delete(files, "needs")
			}
			dir, temp := evalFolder(t, files)
			_, err := runEval(t, temp, "match", "--needs", filepath.Join(dir, "needs"), "--results", filepath.Join(dir, "results"), "--labels", filepath.Join(dir, "labels"))
			if err == nil || !strings.Contains(err.Error(), c.want) {
				t.Errorf("error %v, want %q in it", err, c.want)
			}
		})
	}
	for _, args := range [][]string{{}, {"deals"}, {"match"}, {"search", "--docs", "x"}, {"match", "--needs", "n", "--results", "r", "--labels", "l", "--engine", "other"}} {
		if _, err := runEval(t, t.TempDir(), args...); err == nil || !strings.Contains(err.Error(), "usage") {
			t.Errorf("eval %q: %v, want how to use it", args, err)
		}
	}
}
