package match

import "math"

// features are what speaks for a pair of texts, each between 0 and 1.
type features struct {
	cosine   float64 // of the weighted terms
	covered  float64 // share of the need's title that the result covers
	answered float64 // share of the result's title that the need covers
	chars    float64 // cosine of the titles' characters
	rarest   float64 // rarest term that both titles hold
	vector   float64 // cosine of the directions
	bm25     float64 // of the need's terms in the result, against the best possible
}

func (m *Model) compare(need, result *profile) features {
	var f features
	var dot, covered, answered, rarest, bm25 float64
	i, j := 0, 0
	for i < len(need.counts) && j < len(result.counts) {
		a, b := need.counts[i], result.counts[j]
		switch {
		case a.key < b.key:
			i++
			continue
		case a.key > b.key:
			j++
			continue
		}
		idf := m.idf(a.key)
		dot += need.weight[i] * result.weight[j]
		tf := b.total()
		bm25 += need.weight[i] * idf * tf * (saturation + 1) / (tf + saturation*(1-lengthBias+lengthBias*result.length/max(m.average, 1)))
		if a.title > 0 {
			covered += idf
		}
		if b.title > 0 {
			answered += idf
		}
		if a.title > 0 && b.title > 0 {
			rarest = max(rarest, idf)
		}
		i++
		j++
	}
	f.cosine = ratio(dot, need.norm*result.norm)
	f.covered = ratio(covered, need.titleIDF)
	f.answered = ratio(answered, result.titleIDF)
	f.rarest = ratio(rarest, m.maxIDF())
	f.bm25 = ratio(bm25, need.selfScore*need.norm/need.norm)
	f.chars = charCosine(need.chars, result.chars)
	f.vector = directionCosine(need.vector, result.vector)
	return f
}

func ratio(a, b float64) float64 {
	if b == 0 {
		return 0
	}
	return a / b
}

func charCosine(a, b []charCount) float64 {
	var dot, na, nb float64
	for _, c := range a {
		na += float64(c.n) * float64(c.n)
	}
	for _, c := range b {
		nb += float64(c.n) * float64(c.n)
	}
	i, j := 0, 0
	for i < len(a) && j < len(b) {
		switch {
		case a[i].char < b[j].char:
			i++
		case a[i].char > b[j].char:
			j++
		default:
			dot += float64(a[i].n) * float64(b[j].n)
			i++
			j++
		}
	}
	return ratio(dot, math.Sqrt(na*nb))
}

func directionCosine(a, b []float32) float64 {
	if a == nil || b == nil {
		return 0
	}
	var dot float64
	for i := range a {
		dot += float64(a[i]) * float64(b[i])
	}
	return max(0, dot)
}
