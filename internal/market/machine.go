package market

import (
	"fmt"
	"slices"
)

// Rule is one arrow of a state machine: Move leads from each of From to To.
type Rule[S ~string] struct {
	Move string
	From []S
	To   S
}

// Machine is a noun's states and moves as data: it is drawn in the documentation, tested over every state and move,
// and held by a CHECK and a compare-and-set in the database.
type Machine[S ~string] struct {
	Noun   string // Chinese name, for messages
	States []S
	Names  map[S]string
	Rules  []Rule[S]
}

// Next returns the state that move leads to, or a Conflict that names the present state.
func (m Machine[S]) Next(from S, move string) (S, error) {
	for _, r := range m.Rules {
		if r.Move == move && slices.Contains(r.From, from) {
			return r.To, nil
		}
	}
	return from, &Error{Kind: Conflict, Message: fmt.Sprintf("这项%s现在是“%s”，不能这样办理。请刷新后再看", m.Noun, m.Names[from])}
}

// Can reports whether move is open in the state.
func (m Machine[S]) Can(from S, move string) bool {
	_, err := m.Next(from, move)
	return err == nil
}
