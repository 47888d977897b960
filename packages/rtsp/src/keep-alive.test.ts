import { describe, expect, it } from 'vitest';
import { KeepAliveMethod } from './keep-alive.ts';

describe('KeepAliveMethod', () => {
  it.each([
    ['GET_PARAMETER where the camera knows it', 'OPTIONS, GET_PARAMETER', [], 'GET_PARAMETER'],
    ['OPTIONS where it knows nothing else', 'OPTIONS, DESCRIBE', [], 'OPTIONS'],
    ['OPTIONS where it says nothing of itself', undefined, [], 'OPTIONS'],
    ['GET_PARAMETER where OPTIONS is refused', undefined, ['OPTIONS'], 'GET_PARAMETER'],
    ['SET_PARAMETER where nothing else is left', undefined, ['OPTIONS', 'GET_PARAMETER'], 'SET_PARAMETER'],
    ['OPTIONS where GET_PARAMETER is a lie', 'OPTIONS, GET_PARAMETER', ['GET_PARAMETER'], 'OPTIONS'],
    ['OPTIONS again where all is refused', '', ['OPTIONS', 'GET_PARAMETER', 'SET_PARAMETER'], 'OPTIONS'],
  ] as const)('is OPTIONS first, then %s', (_rule, named, refused, settledOn) => {
    const choice = new KeepAliveMethod();
    expect(choice.method).toBe('OPTIONS');
    for (let n = 0; n < 4; n += 1) {
      const { method } = choice;
      const isRefused = refused.some((one) => one === method);
      choice.answered(method, {
        status: isRefused ? 501 : 200,
        headers: new Map(
          method === 'OPTIONS' && named !== undefined && !isRefused ? [['public', [named]]] : [],
        ),
      });
    }
    expect(choice.method).toBe(settledOn);
  });
});
