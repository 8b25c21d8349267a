package main

import (
	"errors"
	"fmt"
	"io"
	"os"

	"handrail/rep-console/console"
)

// starter does, once, what the command line asked for: enrol with a code and
// make a session key. Both are secrets, so they come and go by standard input
// and output: for the demo, and for programs that hand out keys.
type starter struct {
	code string    // enrolment code, if any
	keys io.Writer // where to print the session key; nil for none
	do   func(console.Event)

	asked, done bool
}

// watch looks at every state of the console.
func (s *starter) watch(st console.State) {
	switch {
	case st.SignIn == console.Unknown && s.code != "":
		s.do(console.EnterCode{Code: s.code})
		s.code = ""
	case st.SignIn == console.In && s.keys != nil && !s.asked:
		s.asked = true
		s.do(console.NewKey{})
	}
	if s.done || !s.asked {
		return
	}
	for _, k := range st.Keys {
		if k.Mine {
			s.done = true
			fmt.Fprintln(s.keys, k.Code.String())
		}
	}
}

// firstActs reads what the flags ask for.
func firstActs(enrol string, printKey bool) (*starter, error) {
	s := &starter{}
	switch enrol {
	case "":
	case "-":
		if _, err := fmt.Fscanln(os.Stdin, &s.code); err != nil {
			return nil, fmt.Errorf("reading the enrolment code from standard input: %w", err)
		}
	default:
		return nil, errors.New("an enrolment code is a secret and must not stand on a command line: use --enrol - and standard input")
	}
	if printKey {
		s.keys = os.Stdout
	}
	return s, nil
}
