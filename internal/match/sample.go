package match

import "math/rand/v2"

// sample keeps a number of values, each of those added with the same chance.
// The same values in the same order give the same sample.
type sample[T any] struct {
	size   int
	added  int
	kept   []T
	random *rand.Rand
}

func (s *sample[T]) add(v T) {
	s.added++
	if len(s.kept) < s.size {
		s.kept = append(s.kept, v)
		return
	}
	if s.random == nil {
		s.random = rand.New(rand.NewPCG(3, 4))
	}
	if i := s.random.IntN(s.added); i < s.size {
		s.kept[i] = v
	}
}
