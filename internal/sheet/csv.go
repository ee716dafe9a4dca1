package sheet

import (
	"bytes"
	"encoding/csv"
	"errors"
	"io"
	"unicode/utf8"

	"golang.org/x/text/encoding"
	"golang.org/x/text/encoding/simplifiedchinese"
	"golang.org/x/text/encoding/unicode"

	"techmarket/internal/market"
)

func readCSV(kind market.Kind, data []byte) (*Table, error) {
	text, err := decode(data)
	if err != nil {
		return nil, err
	}
	r := csv.NewReader(bytes.NewReader(text))
	r.Comma, r.FieldsPerRecord, r.LazyQuotes = separator(text), -1, true
	t := table{kind: kind}
	for number := 1; ; number++ {
		cells, err := r.Read()
		if errors.Is(err, io.EOF) {
			return t.done("")
		}
		if err != nil {
			return nil, market.Errorf(market.Invalid, "第 %d 行读不下去，请检查引号是否成对，或另存为 .xlsx 再上传", number)
		}
		if err := t.add(number, cells); err != nil {
			return nil, err
		}
	}
}

var utf8BOM = []byte("\xEF\xBB\xBF")

// decode brings a text to UTF-8: by its byte order mark, else as it is when it is UTF-8, else from GB 18030, which is
// what Excel writes on a Chinese Windows. Single characters that are none become U+FFFD, which the row's check notes.
func decode(data []byte) ([]byte, error) {
	switch {
	case bytes.HasPrefix(data, []byte("\xFF\xFE")), bytes.HasPrefix(data, []byte("\xFE\xFF")):
		return decoded(unicode.UTF16(unicode.LittleEndian, unicode.UseBOM), data)
	case isUTF8(data):
		return bytes.ToValidUTF8(bytes.TrimPrefix(data, utf8BOM), []byte(string(utf8.RuneError))), nil
	}
	return decoded(simplifiedchinese.GB18030, data)
}

// isUTF8 reports whether the text is UTF-8, perhaps with a few damaged places. Text in GB 18030 hardly ever holds longer
// characters of UTF-8.
func isUTF8(data []byte) bool {
	if utf8.Valid(data) {
		return true
	}
	long, broken := 0, 0
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		switch {
		case r == utf8.RuneError && size == 1:
			broken++
		case size > 1:
			long++
		}
		data = data[size:]
	}
	return broken*10 <= long
}

func decoded(from encoding.Encoding, data []byte) ([]byte, error) {
	text, err := from.NewDecoder().Bytes(data)
	if err != nil || bytes.Count(text, []byte(string(utf8.RuneError)))*100 > utf8.RuneCount(text) {
		return nil, market.Errorf(market.Invalid, "文字编码认不出来，请在 Excel 里另存为“CSV UTF-8（逗号分隔）”或 .xlsx 再上传")
	}
	return text, nil
}

// separator is the sign between cells that the first line has most of: comma, tab or semicolon.
func separator(text []byte) rune {
	line, _, _ := bytes.Cut(text, []byte("\n"))
	best := ','
	for _, c := range []rune{'\t', ';'} {
		if bytes.Count(line, []byte(string(c))) > bytes.Count(line, []byte(string(best))) {
			best = c
		}
	}
	return best
}
