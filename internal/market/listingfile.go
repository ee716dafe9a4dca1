package market

import "strings"

// FileUse says for whom a file of a listing is.
type FileUse string

// The uses.
const (
	UsePicture FileUse = "picture" // public, shown on the listing's page
	UsePublic  FileUse = "public"  // public, to be saved
	UseGated   FileUse = "gated"   // for whom the owner has opened the gate
)

// FileUses names the uses.
var FileUses = Codes{{Code: string(UsePicture), Name: "公开图片"}, {Code: string(UsePublic), Name: "公开文件"}, {Code: string(UseGated), Name: "不公开的文件"}}

// MaxListingFiles is how many pictures and files a listing has at most.
const MaxListingFiles = 20

// maxFileLabel is the length of what is said of a file, in characters.
const maxFileLabel = 100

// ListingFile is a picture or a file of a need or a result.
type ListingFile struct {
	ID        string  `db:"file_id"`
	ListingID int64   `db:"listing_id"`
	Use       FileUse `db:"use"`
	Label     string  `db:"label"` // what is to be seen; the alternative text of a picture
	Name      string  `db:"name"`
	MediaType string  `db:"media_type"`
	Size      int     `db:"size"`
	Pages     int     `db:"pages"`  // of a PDF
	Width     int     `db:"width"`  // of a picture
	Height    int     `db:"height"` // of a picture
}

// Picture reports whether it is a picture, for whomever it is.
func (f ListingFile) Picture() bool { return strings.HasPrefix(f.MediaType, "image/") }

// Check returns what is wrong with use and label, and tidies the label in place.
func (f *ListingFile) Check() Problems {
	var p Problems
	checkLine(&p, "label", "说明", &f.Label, maxFileLabel)
	if f.Label == "" {
		p.Add("label", "请写明这是什么，例：中试线研磨段照片")
	}
	switch {
	case FileUses.Name(string(f.Use)) == "":
		p.Add("use", "请选择公开还是不公开")
	case f.Use == UsePicture && !f.Picture():
		p.Add("use", "PDF 不能作为图片显示，请选“公开文件”或“不公开的文件”")
	}
	return p
}

// CheckHidden returns what in the public files of a listing could give its organisation away, as the field hide_org. A PDF
// may bear the name on any page, so none is public while the name is not; pictures are drawn anew and their names not shown.
func CheckHidden(files []ListingFile, orgName string) Problems {
	var p Problems
	for _, f := range files {
		switch {
		case f.Use == UseGated:
		case f.Use == UsePublic:
			p.Add("hide_org", "有公开文件“%s”，里面可能写有本单位名称。请在“图片和文件”里改为不公开，或公开名称", f.Label)
		case fieldWithName([]namedText{{"label", f.Label}}, orgName) != "":
			p.Add("hide_org", "图片说明“%s”写有本单位的名称。请在“图片和文件”里改写，或公开名称", f.Label)
		}
	}
	return p
}
