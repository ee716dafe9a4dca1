package market

import (
	"errors"
	"fmt"
	"strings"
)

// ErrorKind says what sort of failure a user meets. The HTTP status is decided from it in one place (server).
type ErrorKind int

// The kinds of Error.
const (
	Invalid     ErrorKind = iota + 1 // the input is wrong; Fields say where
	NotFound                         // there is no such thing, or the actor may not see it
	Denied                           // the actor may see it but may not do this
	Conflict                         // the thing has moved on since the actor saw it
	Unsigned                         // nobody is signed in
	RateLimited                      // too many tries
	TooLarge                         // the body or file is over its limit
	Unavailable                      // a part of the market is down for now
)

// FieldError is what is wrong with one field of a form. Field is the form's name of it, rows as "indicators.1.unit".
type FieldError struct {
	Field   string `json:"field"`
	Message string `json:"message"`
}

// Error is the one error type that users see. Anything else is internal: it is logged and never shown.
// Message is Chinese, says what is wrong and how to mend it.
type Error struct {
	Kind    ErrorKind
	Message string
	Fields  []FieldError
}

func (e *Error) Error() string {
	parts := []string{e.Message}
	for _, f := range e.Fields {
		parts = append(parts, f.Field+": "+f.Message)
	}
	return strings.Join(parts, "; ")
}

// Errorf makes an Error without field messages.
func Errorf(kind ErrorKind, format string, args ...any) *Error {
	return &Error{Kind: kind, Message: fmt.Sprintf(format, args...)}
}

// ErrNotFound is returned for what does not exist and for what the actor may not see: the two look the same.
var ErrNotFound = Errorf(NotFound, "没有这一页，可能已撤回或链接不完整")

// ErrStale is returned when a form was filled in from an older version of the thing.
var ErrStale = Errorf(Conflict, "这条记录刚被别人修改过。请查看最新内容后再保存")

// AsError returns the Error inside err, or nil when err is internal.
func AsError(err error) *Error {
	if e, ok := errors.AsType[*Error](err); ok {
		return e
	}
	return nil
}

// IsKind reports whether err is an Error of that kind.
func IsKind(err error, kind ErrorKind) bool {
	e := AsError(err)
	return e != nil && e.Kind == kind
}

// Problems collects what is wrong with a form, field by field, in the order of the form.
type Problems []FieldError

// Add notes a problem of a field. Only the first one of a field is kept: one thing to mend at a time.
func (p *Problems) Add(field, format string, args ...any) {
	if p.Has(field) {
		return
	}
	*p = append(*p, FieldError{Field: field, Message: fmt.Sprintf(format, args...)})
}

// AddErr notes err's message when err is not nil.
func (p *Problems) AddErr(field string, err error) {
	if err != nil {
		p.Add(field, "%s", err.Error())
	}
}

// Has reports whether the field has a problem already.
func (p Problems) Has(field string) bool {
	for _, f := range p {
		if f.Field == field {
			return true
		}
	}
	return false
}

// Err returns nil when there is no problem, else an Invalid Error that names their number.
func (p Problems) Err() error {
	if len(p) == 0 {
		return nil
	}
	return &Error{Kind: Invalid, Message: fmt.Sprintf("有 %d 处需要修改，其余内容已保留", len(p)), Fields: p}
}
