// What a workload costs, by the rules of the library: a tier bills the whole request, a part without a rate of its own has that of its whole.
export function cost(rates, input, output, cached) {
  if (!rates) return null;
  let [ofInput, ofOutput, ofCached] = rates;
  for (const [size, ...tier] of rates.slice(3)) if (input > size) [ofInput, ofOutput, ofCached] = tier;
  let total = 0;
  for (const [count, rate] of [[input - cached, ofInput], [output, ofOutput], [cached, ofCached ?? ofInput]]) {
    if (count && rate == null) return null;
    total += count && count * rate;
  }
  return total / 1e6;
}
