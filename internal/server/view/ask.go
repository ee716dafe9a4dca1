package view

// Ask is an act that asks first: the button opens a question that says what
// will happen, and only the second button acts. It works without scripts.
type Ask struct {
	Label  string // of the button that opens it, such as 撤回需求
	Text   string // the effect, in words
	Href   string // where the form posts
	Fields []Hidden
	Button string // of the act itself
	Danger bool   // it takes something away
}

// Class is the class of the button that acts.
func (a Ask) Class() string {
	if a.Danger {
		return "btn " + string(StyleDanger)
	}
	return "btn " + string(StyleLine)
}
