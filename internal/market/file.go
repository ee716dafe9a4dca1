package market

import (
	"bytes"
	"image"
	_ "image/jpeg" // the formats that are taken
	_ "image/png"
	"path"
	"slices"
	"strings"
	"time"
	"unicode"
)

// FilePurpose says what an uploaded file is for, and so who may read it.
type FilePurpose string

// The purposes.
const (
	FileLicence FilePurpose = "licence" // the business licence or certificate of an organisation
	FileMandate FilePurpose = "mandate" // the signed authority behind a mandate
	FileListing FilePurpose = "listing" // a picture or file of a need or a result

	FileProposal FilePurpose = "proposal" // an attachment of a proposal
	FileContract FilePurpose = "contract" // the text of a contract, or a paper that belongs to it
	FilePayment  FilePurpose = "proof"    // the proof of a payment
)

// MaxFile is the size of an uploaded file in bytes.
const MaxFile = 10 << 20

// maxPixels bounds the images that are taken: more would be a burden to whoever opens them.
const maxPixels = 64_000_000

// File is an uploaded file without its content.
type File struct {
	ID         string      `db:"id"`
	Purpose    FilePurpose `db:"purpose"`
	Name       string      `db:"name"`
	MediaType  string      `db:"media_type"`
	Size       int         `db:"size"`
	SHA256     []byte      `db:"sha256"`
	UploadedBy int64       `db:"uploaded_by"`
	CreatedAt  time.Time   `db:"created_at"`
}

// fileKinds are the kinds of files that are taken: how their content begins, and which endings their names may have.
var fileKinds = []struct {
	mediaType, magic string
	endings          []string
}{
	{"application/pdf", "%PDF-", []string{".pdf"}},
	{"image/png", "\x89PNG\r\n\x1a\n", []string{".png"}},
	{"image/jpeg", "\xff\xd8\xff", []string{".jpg", ".jpeg"}},
}

// CheckFile looks at an uploaded PDF or picture and returns its media type by its content; the name must fit it. The
// Invalid error names the field and says what is wrong.
func CheckFile(field, name string, content []byte) (mediaType string, err error) {
	var p Problems
	switch {
	case len(content) == 0:
		p.Add(field, "文件是空的，请重新选择")
	case len(content) > MaxFile:
		p.Add(field, "文件超过 %d MB，请压缩后再上传", MaxFile>>20)
	default:
		mediaType = sniff(&p, field, name, content)
	}
	return mediaType, p.Err()
}

func sniff(p *Problems, field, name string, content []byte) string {
	for _, k := range fileKinds {
		if !bytes.HasPrefix(content, []byte(k.magic)) {
			continue
		}
		ending := strings.ToLower(path.Ext(name))
		switch {
		case !slices.Contains(k.endings, ending):
			p.Add(field, "文件名以“%s”结尾，内容却不是。请用原来的文件", Truncate(ending, 10))
		case strings.HasPrefix(k.mediaType, "image/") && !readablePicture(content):
			p.Add(field, "图片打不开或太大，请重新拍照或扫描")
		}
		return k.mediaType
	}
	p.Add(field, "只收 PDF、PNG、JPG 文件")
	return ""
}

// readablePicture reads the picture's head: its size stands there.
func readablePicture(content []byte) bool {
	c, _, err := image.DecodeConfig(bytes.NewReader(content))
	return err == nil && c.Width > 0 && c.Height > 0 && c.Width <= maxPixels/c.Height
}

// maxFileName is the length of a file's name in characters.
const maxFileName = 100

// CleanFileName makes of a posted file name one that is safe to show and to save under: the last part of a path, without
// control and invisible characters and what file systems take amiss, at most 100 characters with its ending.
func CleanFileName(posted string) string {
	name := strings.ToValidUTF8(posted, "")
	if i := strings.LastIndexAny(name, `/\`); i >= 0 {
		name = name[i+1:]
	}
	name = strings.Map(func(r rune) rune {
		if !unicode.IsPrint(r) || strings.ContainsRune(`<>:"|?*`, r) {
			return -1
		}
		return r
	}, name)
	name = trimName(name)
	ending := path.Ext(name)
	if RuneLen(ending) > 10 {
		ending = ""
	}
	stem := []rune(strings.TrimSuffix(name, ending))
	cut := trimName(string(stem[:min(len(stem), maxFileName-RuneLen(ending))]))
	if cut == "" {
		return "文件" + ending
	}
	return cut + ending
}

// trimName takes away what no name begins or ends with.
func trimName(s string) string {
	return strings.TrimFunc(s, func(r rune) bool { return r == '.' || unicode.IsSpace(r) })
}
