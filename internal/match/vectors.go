package match

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"
)

const (
	dimensions = 64
	minDocs    = 3      // documents a term must be in to get a vector
	maxShare   = 0.2    // of the documents, above which a term says nothing
	maxTerms   = 30_000 // terms that get a vector
	iterations = 4
	oversample = 12
)

// entry is a value of a sparse row.
type entry struct {
	column int32
	value  float32
}

// learnVectors finds a direction for each term that is common enough, such that
// terms of like company have like directions: the leading directions of the
// positive pointwise mutual information between terms and documents.
func learnVectors(texts [][]count, m *Model) map[key][]float32 {
	vocabulary := chooseTerms(m)
	if len(vocabulary) <= dimensions || len(texts) <= dimensions {
		return nil
	}
	rows := pmiRows(texts, vocabulary)
	basis := leadingDirections(rows, len(vocabulary), dimensions)
	vectors := make(map[key][]float32, len(vocabulary))
	for k, column := range vocabulary {
		vectors[k] = basis[column]
	}
	return vectors
}

// chooseTerms numbers the terms that get a vector.
func chooseTerms(m *Model) map[key]int32 {
	var list []key
	for k, n := range m.common {
		if n >= minDocs && float64(n) <= maxShare*m.docs {
			list = append(list, k)
		}
	}
	slices.SortFunc(list, func(a, b key) int {
		return cmp.Or(cmp.Compare(m.common[b], m.common[a]), cmp.Compare(a, b))
	})
	list = list[:min(len(list), maxTerms)]
	numbers := make(map[key]int32, len(list))
	for i, k := range list {
		numbers[k] = int32(i)
	}
	return numbers
}

// pmiRows gives each document as a sparse row of the terms that it holds more
// often than chance would have it.
func pmiRows(texts [][]count, vocabulary map[key]int32) [][]entry {
	totals := make([]float64, len(vocabulary))
	lengths := make([]float64, len(texts))
	var all float64
	for i, text := range texts {
		for _, c := range text {
			if column, ok := vocabulary[c.key]; ok {
				n := 1 + math.Log(c.total())
				totals[column] += n
				lengths[i] += n
				all += n
			}
		}
	}
	rows := make([][]entry, len(texts))
	for i, text := range texts {
		for _, c := range text {
			column, ok := vocabulary[c.key]
			if !ok {
				continue
			}
			n := 1 + math.Log(c.total())
			if v := math.Log(n * all / (totals[column] * lengths[i])); v > 0 {
				rows[i] = append(rows[i], entry{column, float32(v)})
			}
		}
	}
	return rows
}

// leadingDirections returns, for each column of a sparse matrix, its place along
// the leading right singular directions: orthogonal iteration from a random
// start, which is the same every time.
func leadingDirections(rows [][]entry, columns, dims int) [][]float32 {
	width := dims + oversample
	random := rand.New(rand.NewPCG(1, 2))
	basis := make([][]float32, columns)
	for i := range basis {
		basis[i] = make([]float32, width)
		for j := range basis[i] {
			basis[i][j] = float32(random.NormFloat64())
		}
	}
	for range iterations {
		orthonormalize(basis)
		basis = multiplyTwice(rows, basis, width)
	}
	lengths := orthonormalize(basis)
	_ = lengths
	for i := range basis {
		basis[i] = basis[i][:dims]
	}
	return basis
}

// multiplyTwice returns AᵀA·basis.
func multiplyTwice(rows [][]entry, basis [][]float32, width int) [][]float32 {
	product := make([][]float32, len(basis))
	for i := range product {
		product[i] = make([]float32, width)
	}
	sum := make([]float32, width)
	for _, row := range rows {
		clear(sum)
		for _, e := range row {
			for j, b := range basis[e.column] {
				sum[j] += e.value * b
			}
		}
		for _, e := range row {
			p := product[e.column]
			for j, s := range sum {
				p[j] += e.value * s
			}
		}
	}
	return product
}

// orthonormalize makes the columns of basis orthogonal and of length one, from
// the first to the last, and returns their lengths before.
func orthonormalize(basis [][]float32) []float64 {
	width := len(basis[0])
	lengths := make([]float64, width)
	for j := range width {
		for i := range j {
			dot := 0.0
			for _, row := range basis {
				dot += float64(row[i]) * float64(row[j])
			}
			for _, row := range basis {
				row[j] -= float32(dot) * row[i]
			}
		}
		for _, row := range basis {
			lengths[j] += float64(row[j]) * float64(row[j])
		}
		lengths[j] = math.Sqrt(lengths[j])
		if lengths[j] == 0 {
			continue
		}
		for _, row := range basis {
			row[j] /= float32(lengths[j])
		}
	}
	return lengths
}

// direction returns the direction of a text: of its terms' vectors, the telling
// ones and the title's first. It is nil when no term has one.
func (m *Model) direction(p profile) []float32 {
	if m.vectors == nil {
		return nil
	}
	sum := make([]float32, dimensions)
	known := false
	for i, c := range p.counts {
		v, ok := m.vectors[c.key]
		if !ok {
			continue
		}
		known = true
		w := float32(p.weight[i])
		for j, x := range v {
			sum[j] += w * x
		}
	}
	if !known {
		return nil
	}
	var norm float64
	for _, x := range sum {
		norm += float64(x) * float64(x)
	}
	scale := float32(1 / math.Sqrt(norm))
	for j := range sum {
		sum[j] *= scale
	}
	return sum
}
