// Package sample is for a test.
package sample

import "fmt"
import (
	"os"
	. "strings"
	named "example.com/a/b"
)


// Limit is the most.
const Limit = 10

const (
	first = iota
	// The second.
	second
)

var Default, Other = named.New, 2

// A Server serves.
//
//go:generate something
// For long.
type Server struct {
	name string
}

type Runner interface {
	Run() error
}

type (
	Name string
	// Alias of it.
	Alias = Name
)

// Run runs.
func (s *Server) Run() error {
	fmt.Println(Join(nil, ""))
	const local = 1
	defer s.helper()
	os.Exit(1)
}

func (l List[T]) Len() int { return 0 }

func Map[T any](f func(T) T) []T {
	var _ = 1
	return f(make([]T, 1)[0])
}
