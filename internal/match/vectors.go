package match

import (
	"cmp"
	"math"
	"math/rand/v2"
	"slices"

	"gonum.org/v1/gonum/blas/blas32"
)

const (
	dimensions = 64
	minDocs    = 3      // documents a term must be in to get a vector
	maxShare   = 0.2    // of the documents, above which a term says nothing
	maxTerms   = 20_000 // terms that get a vector
	maxLength  = 400    // terms of a text that are read
	window     = 16     // terms apart that still go together
	maxRow     = 400    // companions that are kept of a term
	iterations = 8
	oversample = 12 // directions more than are kept, for faster convergence
)

// companion is a value in a term's row: how much more often than by chance the
// two stand together.
type companion struct {
	term  int32
	value float32
}

// learnVectors finds a vector for each term that is common enough, such that
// terms of like company have like vectors: the leading eigenvectors of the
// positive pointwise mutual information of terms that stand near each other.
// Too few terms get none.
func (m *Model) learnVectors(texts [][]key) {
	vocabulary := m.chooseTerms()
	if len(vocabulary) <= dimensions+oversample {
		return
	}
	rows := informationRows(sequences(texts, vocabulary), len(vocabulary))
	m.vectors = leadingVectors(rows)
	for k, number := range vocabulary {
		l := m.terms[k]
		l.vector = number + 1
		m.terms[k] = l
		if k&wordKey == 0 {
			m.landmarks = append(m.landmarks, k)
		}
	}
	slices.Sort(m.landmarks)
	m.directions = make([]float32, 0, len(m.landmarks)*dimensions)
	for _, k := range m.landmarks {
		own := vectorAt(m.vectors, int(vocabulary[k]))
		m.directions = append(m.directions, own...)
		ofLengthOne(vectorAt(m.directions, len(m.directions)/dimensions-1))
	}
}

// chooseTerms numbers the terms that get a vector.
func (m *Model) chooseTerms() map[key]int32 {
	list := m.mostMet(maxTerms, maxShare*m.docs)
	numbers := make(map[key]int32, len(list))
	for i, k := range list {
		numbers[k] = int32(i)
	}
	return numbers
}

// sequences gives the texts as the numbers of their terms.
func sequences(texts [][]key, vocabulary map[key]int32) [][]int32 {
	list := make([][]int32, 0, len(texts))
	for _, text := range texts {
		var numbers []int32
		for _, k := range text[:min(len(text), maxLength)] {
			if n, ok := vocabulary[k]; ok {
				numbers = append(numbers, n)
			}
		}
		list = append(list, numbers)
	}
	return list
}

// place is where a term stands.
type place struct{ text, at int32 }

// informationRows gives each term its companions.
func informationRows(texts [][]int32, terms int) [][]companion {
	places := make([][]place, terms)
	for i, text := range texts {
		for j, number := range text {
			places[number] = append(places[number], place{int32(i), int32(j)})
		}
	}
	rows := make([][]companion, terms)
	totals := make([]float64, terms)
	near := make([]float32, terms) // counts of one term's company
	var all float64
	for number := range rows {
		rows[number] = countCompany(texts, int32(number), places[number], near)
		for _, c := range rows[number] {
			totals[number] += float64(c.value)
		}
		all += totals[number]
	}
	for number, row := range rows {
		rows[number] = informative(row, totals[number], totals, all)
	}
	return rows
}

// countCompany counts the terms around the places of one. The array near is
// zero before and after.
func countCompany(texts [][]int32, number int32, places []place, near []float32) []companion {
	var met []int32
	for _, p := range places {
		text := texts[p.text]
		from, to := max(0, int(p.at)-window), min(len(text), int(p.at)+window+1)
		for _, other := range text[from:to] {
			if other == number {
				continue
			}
			if near[other] == 0 {
				met = append(met, other)
			}
			near[other]++
		}
	}
	slices.Sort(met)
	row := make([]companion, len(met))
	for i, other := range met {
		row[i] = companion{other, near[other]}
		near[other] = 0
	}
	return row
}

// informative turns counts into positive pointwise mutual information and
// keeps the strongest.
func informative(row []companion, total float64, totals []float64, all float64) []companion {
	kept := row[:0]
	for _, c := range row {
		if v := math.Log(float64(c.value) * all / (total * totals[c.term])); v > 0 {
			kept = append(kept, companion{c.term, float32(v)})
		}
	}
	if len(kept) > maxRow {
		slices.SortFunc(kept, func(a, b companion) int {
			return cmp.Or(cmp.Compare(b.value, a.value), cmp.Compare(a.term, b.term))
		})
		kept = kept[:maxRow]
	}
	return slices.Clip(kept)
}

// leadingVectors returns each term's place along the leading eigenvectors of
// the matrix, each scaled by the root of its eigenvalue. It is found by
// orthogonal iteration from a random start that is the same every time.
func leadingVectors(rows [][]companion) []float32 {
	random := rand.New(rand.NewPCG(1, 2))
	basis := newMatrix(len(rows))
	for _, row := range basis {
		for j := range row {
			row[j] = float32(random.NormFloat64())
		}
	}
	orthonormalize(basis)
	var lengths []float64
	for range iterations {
		basis = multiply(rows, basis)
		lengths = orthonormalize(basis)
	}
	for _, row := range basis {
		for j := range row {
			row[j] *= float32(math.Sqrt(lengths[j]))
		}
	}
	vectors := make([]float32, 0, len(basis)*dimensions)
	for _, row := range basis {
		vectors = append(vectors, row[:dimensions]...)
	}
	return vectors
}

// vectorAt is one of vectors that follow each other.
func vectorAt(vectors []float32, n int) []float32 {
	return vectors[n*dimensions : (n+1)*dimensions : (n+1)*dimensions]
}

// addTimes adds a vector w times to a sum of the same length.
func addTimes(sum, v []float32, w float32) {
	blas32.Axpy(w, blas32.Vector{N: len(v), Inc: 1, Data: v}, blas32.Vector{N: len(sum), Inc: 1, Data: sum})
}

// dot is the product of two vectors of the same length.
func dot(a, b []float32) float32 {
	return blas32.Dot(blas32.Vector{N: len(a), Inc: 1, Data: a}, blas32.Vector{N: len(b), Inc: 1, Data: b})
}

func newMatrix(rows int) [][]float32 {
	const width = dimensions + oversample
	values := make([]float32, rows*width)
	matrix := make([][]float32, rows)
	for i := range matrix {
		matrix[i] = values[i*width : (i+1)*width : (i+1)*width]
	}
	return matrix
}

func multiply(rows [][]companion, basis [][]float32) [][]float32 {
	product := newMatrix(len(rows))
	for i, row := range rows {
		sum := product[i]
		for _, c := range row {
			addTimes(sum, basis[c.term], c.value)
		}
	}
	return product
}

// orthonormalize makes the columns orthogonal and of length one, from the first
// to the last, and returns their lengths before.
func orthonormalize(matrix [][]float32) []float64 {
	width := len(matrix[0])
	lengths := make([]float64, width)
	dots := make([]float64, width)
	for j := range width {
		clear(dots)
		for _, row := range matrix {
			x := float64(row[j])
			for i := range j {
				dots[i] += float64(row[i]) * x
			}
		}
		for _, row := range matrix {
			x := float64(row[j])
			for i := range j {
				x -= dots[i] * float64(row[i])
			}
			row[j] = float32(x)
			lengths[j] += x * x
		}
		lengths[j] = math.Sqrt(lengths[j])
		if lengths[j] == 0 {
			continue
		}
		for _, row := range matrix {
			row[j] /= float32(lengths[j])
		}
	}
	return lengths
}

// ofLengthOne scales a vector in place and returns it, or nil when it has no direction.
func ofLengthOne(v []float32) []float32 {
	var sum float64
	for _, x := range v {
		sum += float64(x) * float64(x)
	}
	if sum == 0 {
		return nil
	}
	scale := float32(1 / math.Sqrt(sum))
	for i := range v {
		v[i] *= scale
	}
	return v
}
